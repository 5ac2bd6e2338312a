import { describe, expect, it } from "vitest";
import { mainBuildsAdapters } from "./adapters.ts";
import {
  daemonsStandAlone,
  dependenciesDeclared,
  importsNameTheFile,
  noDrawers,
  nothingImportsMain,
  oneDoorPerLibrary,
} from "./dependencies.ts";
import { foldersInReadme, linksLead, metricsInReadme } from "./documents.ts";
import { pureCore } from "./purity.ts";
import type { Rule } from "./source-file.ts";
import { noForbiddenWords, shortFiles } from "./wording.ts";

interface Case {
  readonly name: string;
  /** Path to text. */
  readonly files: Readonly<Record<string, string>>;
  /** What is said of which path; nothing when the rule is kept. */
  readonly want?: Readonly<Record<string, RegExp>>;
}

const imports = (...specifiers: string[]) => specifiers.map((specifier) => `import { a } from "${specifier}";\n`).join("");
const common = "@sdn-tunnel/common";
/** Joined here, so that this file does not break the rule that it tests. */
const joined = (...parts: string[]) => parts.join("");

const table: readonly { readonly title: string; readonly rule: Rule; readonly cases: readonly Case[] }[] = [
  {
    title: "daemonsStandAlone",
    rule: daemonsStandAlone,
    cases: [
      { name: "lets a daemon import common", files: { "packages/proxy/src/pass.ts": imports(`${common}/net/prefix`) } },
      {
        name: "refuses a daemon that imports another",
        files: { "packages/proxy/src/pass.ts": imports("@sdn-tunnel/tunnel/health/plan") },
        want: { "packages/proxy/src/pass.ts": /imports from packages\/tunnel: .*deployed alone/ },
      },
      {
        name: "refuses it in a test and by a type as well",
        files: { "packages/proxy/src/pass.test.ts": `import type { A } from "../../discovery/src/names/plan.ts";` },
        want: { "packages/proxy/src/pass.test.ts": /imports from packages\/discovery/ },
      },
      {
        name: "refuses a common that imports a daemon",
        files: { "packages/common/src/net/prefix.ts": imports("@sdn-tunnel/proxy/pass") },
        want: { "packages/common/src/net/prefix.ts": /may import no other member/ },
      },
      {
        name: "lets the end-to-end tests import everything",
        files: { "e2e/src/a.test.ts": imports("@sdn-tunnel/lab/bed/run", "@sdn-tunnel/proxy/pass") },
      },
    ],
  },
  {
    title: "nothingImportsMain",
    rule: nothingImportsMain,
    cases: [
      { name: "lets main.ts import", files: { "packages/proxy/src/main.ts": imports("./pass.ts") } },
      {
        name: "refuses an import of main.ts, even by a test",
        files: { "packages/proxy/src/main.test.ts": imports("./main.ts") },
        want: { "packages/proxy/src/main.test.ts": /starts a process when it is imported/ },
      },
    ],
  },
  {
    title: "mainBuildsAdapters",
    rule: mainBuildsAdapters,
    cases: [
      {
        name: "lets main.ts build one, and its own folder compose it",
        files: {
          "packages/proxy/src/nftables/nft.ts": imports("node:child_process"),
          "packages/proxy/src/nftables/table.ts": `import { Nft } from "./nft.ts"; new Nft();`,
          "packages/proxy/src/main.ts": `import { Nft } from "./nftables/nft.ts"; new Nft();`,
        },
      },
      {
        name: "lets everybody take it as an argument, and call what does one thing and is done",
        files: {
          "packages/proxy/src/nftables/nft.ts": imports("node:child_process"),
          "packages/proxy/src/pass.ts": `import { type Nft, writeOnce } from "./nftables/nft.ts"; writeOnce(); // no new Nft()`,
        },
      },
      {
        name: "refuses a pass that builds one",
        files: {
          "packages/proxy/src/nftables/nft.ts": imports("execa"),
          "packages/proxy/src/pass.ts": `import { Nft } from "./nftables/nft.ts";\nconst nft = new Nft();`,
        },
        want: { "packages/proxy/src/pass.ts": /builds Nft of .*: only main\.ts builds real adapters/ },
      },
      {
        name: "refuses it for adapters in common, by whatever name",
        files: {
          "packages/common/src/kernel/nft.ts": imports("netlink"),
          "packages/proxy/src/pass.ts": `import { openTable as openIt } from "${common}/kernel/nft"; openIt("x");`,
        },
        want: { "packages/proxy/src/pass.ts": /builds openIt of packages\/common\/src\/kernel\/nft\.ts/ },
      },
    ],
  },
  {
    title: "pureCore",
    rule: pureCore,
    cases: [
      {
        name: "lets a plan use time and chance that it is given, and speak of them",
        files: {
          "packages/proxy/src/vips/plan.ts": `// not Date.now\nexport const plan = (now: number) => new Date(now) + "console" + clock.process;`,
        },
      },
      {
        name: "lets other files be as they are",
        files: { "packages/proxy/src/vips/read.ts": `${imports("node:fs")} Date.now();` },
      },
      {
        name: "lets a test of a plan be as it is",
        files: { "packages/proxy/src/vips/plan.test.ts": `${imports("node:fs")} Date.now();` },
      },
      ...[
        "Date.now()",
        "new Date()",
        "performance.now()",
        "Math.random()",
        "crypto.randomUUID()",
        "process.env",
        "console.log(1)",
        "setTimeout(f, 1)",
      ].map((text) => ({
        name: `refuses ${text}`,
        files: { "packages/common/src/net/prefix.ts": `\nexport const a = () => ${text};` },
        want: { "packages/common/src/net/prefix.ts": /line 2 uses .*rows? in a table/ },
      })),
      ...[
        "packages/proxy/src/vips/plan.ts",
        "packages/proxy/src/vips/diff.ts",
        "packages/discovery/src/names/records.ts",
        "packages/common/src/admit/view.ts",
      ].map((path) => ({
        name: `refuses a node: module in ${path}`,
        files: { [path]: imports("node:os") },
        want: { [path]: /imports node:os/ },
      })),
      {
        name: "refuses a node: module behind another file",
        files: { "packages/proxy/src/vips/plan.ts": imports("../errors.ts"), "packages/proxy/src/errors.ts": imports("node:os") },
        want: { "packages/proxy/src/vips/plan.ts": /imports packages\/proxy\/src\/errors\.ts → node:os/ },
      },
      {
        name: "lets types come from anywhere",
        files: {
          "packages/proxy/src/vips/plan.ts": `import type { A } from "./read.ts";`,
          "packages/proxy/src/vips/read.ts": imports("node:os"),
        },
      },
    ],
  },
  {
    title: "oneDoorPerLibrary",
    rule: oneDoorPerLibrary,
    cases: [
      {
        name: "lets two packages, a test and a contract suite import the same library",
        files: {
          "packages/common/src/kernel/run.ts": imports("execa"),
          "packages/tunnel/src/peers/run.ts": imports("execa"),
          "packages/common/src/kernel/run.test.ts": imports("execa", "vitest"),
          "packages/common/src/kernel/contract.ts": imports("execa", "vitest"),
        },
      },
      {
        name: "refuses two modules of one package",
        files: { "packages/common/src/a/x.ts": imports("zod"), "packages/common/src/b/y.ts": `import type { Z } from "zod/v4";` },
        want: { "packages/common": /imports zod in 2 files \(src\/a\/x\.ts, src\/b\/y\.ts\)/ },
      },
    ],
  },
  {
    title: "dependenciesDeclared",
    rule: dependenciesDeclared,
    cases: [
      {
        name: "finds what is imported in package.json, and asks nothing of tests",
        files: {
          "packages/proxy/package.json": `{ "name": "@sdn-tunnel/proxy", "dependencies": { "@sdn-tunnel/common": "1", "zod": "4" } }`,
          "packages/proxy/src/a.ts": imports("zod", "node:fs", "./b.ts", `${common}/net/prefix`),
          "packages/proxy/src/a.test.ts": imports("vitest"),
        },
      },
      {
        name: "refuses a neighbour's dependency, even for a type",
        files: {
          "packages/proxy/package.json": `{ "name": "@sdn-tunnel/proxy" }`,
          "packages/proxy/src/a.ts": `import type { Z } from "zod";`,
        },
        want: { "packages/proxy/src/a.ts": /imports zod, which packages\/proxy\/package\.json does not name/ },
      },
    ],
  },
  {
    title: "noDrawers",
    rule: noDrawers,
    cases: [
      {
        name: "lets a file import from four folders, its own, and the top of its package",
        files: {
          "packages/proxy/src/vips/a.ts": imports(
            "./b.ts",
            "../errors.ts",
            "../a/x.ts",
            "../a/y.ts",
            "../b/x.ts",
            "../c/x.ts",
            `${common}/net/prefix`,
          ),
        },
      },
      {
        name: "refuses five",
        files: {
          "packages/proxy/src/vips/a.ts": imports("../a/x.ts", "../b/x.ts", "../c/x.ts", "../d/x.ts", `${common}/net/prefix`),
        },
        want: { "packages/proxy/src/vips/a.ts": /takes values from 5 folders/ },
      },
      {
        name: "lets a file name types from anywhere, and errors of another package",
        files: {
          "packages/proxy/src/vips/a.ts":
            imports("../a/x.ts", "../b/x.ts", "../c/x.ts", "../d/x.ts", `${common}/errors`) +
            `import type { A } from "${common}/net/prefix";`,
        },
      },
      {
        name: "lets main.ts, pass.ts and tests bring everything together",
        files: Object.fromEntries(
          ["main.ts", "pass.ts", "pass.test.ts"].map((name) => [
            `packages/proxy/src/${name}`,
            imports("./a/x.ts", "./b/x.ts", "./c/x.ts", "./d/x.ts", "./e/x.ts"),
          ]),
        ),
      },
    ],
  },
  {
    title: "importsNameTheFile",
    rule: importsNameTheFile,
    cases: [
      { name: "lets an import name the file", files: { "lab/src/a.ts": imports("./b.ts", "../package.json", "zod") } },
      {
        name: "refuses one without the ending",
        files: { "lab/src/a.ts": imports("./b") },
        want: { "lab/src/a.ts": /imports \.\/b: write the file's name/ },
      },
      {
        name: "refuses the ending of what is built",
        files: { "lab/src/a.ts": imports("./b.js") },
        want: { "lab/src/a.ts": /imports \.\/b\.js/ },
      },
      { name: "lets a file wrap a library", files: { "lab/src/mesh/zod.ts": `// Why.\nexport { z } from "zod";` } },
      {
        name: "refuses a barrel of any name",
        files: { "lab/src/bed/all.ts": `// All.\nexport { a } from "./a.ts";\nexport * from "./b.ts";\n` },
        want: { "lab/src/bed/all.ts": /is a barrel/ },
      },
      {
        name: "refuses a barrel",
        files: { "lab/src/bed/index.ts": `export { a } from "./a.ts";` },
        want: { "lab/src/bed/index.ts": /is a barrel/ },
      },
    ],
  },
  {
    title: "foldersInReadme",
    rule: foldersInReadme,
    cases: [
      {
        name: "finds the line of a folder, and of one inside it",
        files: {
          "packages/proxy/src/vips/plan.ts": "",
          "packages/proxy/src/vips/null-nat/plan.ts": "",
          "packages/proxy/README.md":
            "| `vips/` | routes, guard and null DNAT |\n| `vips/null-nat/` | binds a connection to its address |\n",
        },
      },
      {
        name: "refuses a package without a README",
        files: { "packages/proxy/src/vips/plan.ts": "" },
        want: { "packages/proxy/README.md": /has no line for src\/vips/ },
      },
      {
        name: "refuses a line that says nothing",
        files: { "packages/proxy/src/vips/plan.ts": "", "packages/proxy/README.md": "- `vips/`: vips\n" },
        want: { "packages/proxy/README.md": /has no line for src\/vips/ },
      },
      { name: "asks for no line for the top of a package", files: { "packages/proxy/src/pass.ts": "" } },
    ],
  },
  {
    title: "metricsInReadme",
    rule: metricsInReadme,
    cases: [
      {
        name: "finds the row of a metric, with labels or without",
        files: {
          "packages/proxy/src/metrics.ts": `register.counter("sdn_proxy_ops_total", "Changes"); register.histogram(\n  "sdn_proxy_sync_seconds", "Pass")`,
          "packages/proxy/README.md": "| `sdn_proxy_ops_total{kind}` | counter |\n| `sdn_proxy_sync_seconds` | histogram |\n",
        },
      },
      {
        name: "refuses a metric without a row",
        files: {
          "packages/proxy/src/metrics.ts": `new Gauge({ name: "sdn_proxy_up", help: "x" })`,
          "packages/proxy/README.md": "sdn_proxy_up",
        },
        want: { "packages/proxy/README.md": /has no row .* for the metric sdn_proxy_up/ },
      },
      {
        name: "refuses a row without a metric",
        files: { "packages/proxy/src/metrics.ts": "", "packages/proxy/README.md": "| `sdn_proxy_gone` | gauge |\n" },
        want: { "packages/proxy/README.md": /no source names: sdn_proxy_gone/ },
      },
    ],
  },
  {
    title: "linksLead",
    rule: linksLead,
    cases: [
      {
        name: "follows links to files and folders, and leaves addresses and headings alone",
        files: {
          "README.md": "[a](lab/README.md) [b](lab) [c](https://example.org/x) [d](#d) [e](lab/README.md#e)",
          "lab/README.md": "[up](../README.md)",
        },
      },
      {
        name: "refuses a link to what is not there",
        files: { "lab/README.md": "[a](README.md) [b](bed.md)" },
        want: { "lab/README.md": /links to bed\.md, which is not there/ },
      },
    ],
  },
  {
    title: "shortFiles",
    rule: shortFiles,
    cases: [
      { name: "lets a file have 250 lines", files: { "lab/src/a.ts": "a\n".repeat(250) } },
      { name: "lets a test be longer", files: { "lab/src/a.test.ts": "a\n".repeat(251) } },
      {
        name: "refuses 251 lines",
        files: { "lab/src/a.ts": "a\n".repeat(251) },
        want: { "lab/src/a.ts": /has 251 lines, more than 250/ },
      },
    ],
  },
  {
    title: "noForbiddenWords",
    rule: noForbiddenWords,
    cases: [
      { name: "lets a text be", files: { "README.md": "a to-do list, a network/work path, toDo, ~/src/x" } },
      {
        name: "refuses unfinished business",
        files: { "lab/src/a.ts": joined("\n// TO", "DO: later") },
        want: { "lab/src/a.ts": /line 2 says TO.O: what is not done/ },
      },
      {
        name: "refuses a path of one machine",
        files: { "README.md": joined("run /", "home/me/x") },
        want: { "README.md": /a path of one machine/ },
      },
    ],
  },
];

for (const { title, rule, cases } of table) {
  describe(title, () => {
    for (const { name, files, want = {} } of cases) {
      it(name, () => {
        const violations = rule(Object.entries(files).map(([path, text]) => ({ path, text })));
        const expected = Object.entries(want).map(([path, message]) => ({ path, message: expect.stringMatching(message) }));
        expect(violations).toEqual(expected);
      });
    }
    it("is shown to fail by one of these rows", () => expect(cases.some(({ want }) => want !== undefined)).toBe(true));
  });
}
