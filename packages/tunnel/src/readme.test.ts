import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createMetrics } from "@sdn-tunnel/common/daemon/metrics";
import { describe, it } from "vitest";
import { parseConfig } from "./config.ts";
import { createTunnelMetrics } from "./metrics.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const root = fileURLToPath(new URL("../../..", import.meta.url));
const blockOf = (language: string): string => new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "m").exec(readme)?.[1] ?? "";

describe("README.md", () => {
  it("has a quick start that prints what it says", () => {
    // Whoever runs this test has done `npm run setup`. The namespaces are there for a node without routes of its own.
    const [setup, ...lines] = blockOf("sh").trimEnd().split("\n");
    assert.equal(setup, "npm run setup");
    const printed = execFileSync("unshare", ["-rn", "bash", "-c", lines.join("\n")], { cwd: root, encoding: "utf8" });
    assert.equal(printed.split("\n").filter((line) => /^(wg|ip) /.test(line)).join("\n"), blockOf("text").trimEnd());
    assert.match(printed, /^nft -f - <<'END'$/m);
  });

  it("names every flag, and no other", () => {
    const rows = [...readme.matchAll(/^\| `(--[a-z-]+)[ `]/gm)].map(([, flag]) => flag);
    const help = execFileSync(process.execPath, ["--conditions=source", fileURLToPath(new URL("main.ts", import.meta.url)), "--help"], { encoding: "utf8" });
    const flags = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag).filter((flag) => flag !== "--help" && flag !== "--version");
    assert.deepEqual(rows.toSorted(), flags.toSorted());
  });

  it("tells the defaults that the parser has", () => {
    const config = parseConfig(["--source", "x", "--cluster-name", "x", "--node-name", "x"]);
    for (const value of [config.listenPort, config.rulePreference, config.stateDir, config.runDir]) assert.match(readme, new RegExp(`\\| \`?${value}\`? \\|`));
  });

  it("has a row for every metric", async () => {
    const metrics = createMetrics({ processMetrics: false });
    createTunnelMetrics(metrics);
    const names = [...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name);
    assert.ok(names.length > 5);
    for (const name of names) assert.match(readme, new RegExp(`^\\|.*\`${name}[{\`]`, "m"));
  });
});
