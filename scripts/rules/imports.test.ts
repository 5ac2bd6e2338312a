import { describe, expect, it } from "vitest";
import { importsOf, resolveImport, thirdPartyPackage } from "./imports.ts";

describe("importsOf", () => {
  const cases = [
    { name: "a default import", text: `import fc from "fast-check";`, want: [["fast-check", false]] },
    { name: "a namespace", text: `import * as dns from 'dns-packet';`, want: [["dns-packet", false]] },
    { name: "several lines", text: `import {\n  a,\n  type B,\n} from "./a.ts";`, want: [["./a.ts", false]] },
    { name: "types", text: `import type { A } from "./a.ts";`, want: [["./a.ts", true]] },
    {
      name: "types marked one by one, whose module still runs",
      text: `import { type A } from "./a.ts";`,
      want: [["./a.ts", false]],
    },
    { name: "a side effect", text: `import "./a.ts";`, want: [["./a.ts", false]] },
    {
      name: "a re-export",
      text: `export { a } from "./a.ts";\nexport * from "./b.ts";`,
      want: [
        ["./a.ts", false],
        ["./b.ts", false],
      ],
    },
    { name: "a re-export of types", text: `export type { A } from "./a.ts";`, want: [["./a.ts", true]] },
    { name: "a dynamic import", text: `const a = await import("./a.ts");`, want: [["./a.ts", false]] },
    { name: "JSON", text: `import p from "./package.json" with { type: "json" };`, want: [["./package.json", false]] },
    { name: "no import in a comment", text: `// import a from "a";\n/* import "b" */`, want: [] },
    { name: "no import in a string", text: 'const a = \'import b from "b"\';\nconst c = `import "d"`;', want: [] },
    { name: "no import in an export of a value", text: `export const a = "b";\nexport function f(from: "x") {}`, want: [] },
    {
      name: "the import after an exported interface",
      text: `export interface A { from: "x" }\nimport "./b.ts";`,
      want: [["./b.ts", false]],
    },
  ];
  for (const { name, text, want } of cases) {
    it(`finds ${name}`, () => expect(importsOf(text).map(({ specifier, typeOnly }) => [specifier, typeOnly])).toEqual(want));
  }
  it("tells the line", () =>
    expect(importsOf(`\n// c\nimport "./a.ts";`)).toEqual([{ specifier: "./a.ts", typeOnly: false, names: [], line: 3 }]));
});

describe("the names of importsOf", () => {
  const cases = [
    { text: `import a from "m";`, want: ["a"] },
    { text: `import * as a from "m";`, want: ["a"] },
    { text: `import a, { b, type C,\n  d as e, } from "m";`, want: ["a", "b", "e"] },
    { text: `import type { A } from "m";`, want: [] },
    { text: `import "m";`, want: [] },
    { text: `export { a } from "m";`, want: [] },
  ];
  for (const { text, want } of cases) {
    it(`are ${want.join(", ") || "none"} in ${JSON.stringify(text)}`, () => expect(importsOf(text)[0]?.names).toEqual(want));
  }
});

describe("resolveImport", () => {
  const cases = [
    { from: "packages/proxy/src/main.ts", specifier: "./pass.ts", want: "packages/proxy/src/pass.ts" },
    { from: "packages/proxy/src/vips/plan.ts", specifier: "../services/plan.ts", want: "packages/proxy/src/services/plan.ts" },
    { from: "packages/proxy/src/main.ts", specifier: "@sdn-tunnel/common/net/prefix", want: "packages/common/src/net/prefix.ts" },
    { from: "e2e/src/a.test.ts", specifier: "@sdn-tunnel/lab/bed/run", want: "lab/src/bed/run.ts" },
    { from: "packages/proxy/src/main.ts", specifier: "node:fs", want: undefined },
    { from: "packages/proxy/src/main.ts", specifier: "zod", want: undefined },
  ];
  for (const { from, specifier, want } of cases) {
    it(`leads from ${from} by ${specifier} to ${want}`, () => expect(resolveImport(from, specifier)).toBe(want));
  }
});

describe("thirdPartyPackage", () => {
  const cases = [
    { specifier: "zod", want: "zod" },
    { specifier: "zod/v4", want: "zod" },
    { specifier: "@commander-js/extra-typings", want: "@commander-js/extra-typings" },
    { specifier: "@scope/name/deep", want: "@scope/name" },
    { specifier: "./zod.ts", want: undefined },
    { specifier: "node:fs/promises", want: undefined },
    { specifier: "@sdn-tunnel/common/net/prefix", want: undefined },
  ];
  for (const { specifier, want } of cases)
    it(`finds ${want} in ${specifier}`, () => expect(thirdPartyPackage(specifier)).toBe(want));
});
