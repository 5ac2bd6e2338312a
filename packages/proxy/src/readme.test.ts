import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createMetrics } from "@sdn-tunnel/common/daemon/metrics";
import { describe, it } from "vitest";
import { parseConfig } from "./config.ts";
import { createProxyMetrics } from "./metrics.ts";
import { FLAT_LIMIT } from "./nftables/layout.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const root = fileURLToPath(new URL("../../..", import.meta.url));
const blockOf = (language: string): string => new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "m").exec(readme)?.[1] ?? "";

describe("README.md", () => {
  // Whoever runs this test has done `npm run setup`. The namespaces are there for a node without routes of its own.
  const [setup, ...lines] = blockOf("sh").trimEnd().split("\n");
  const inNamespace = (script: string): string => execFileSync("unshare", ["-rn", "bash", "-ec", script], { cwd: root, encoding: "utf8" });

  it("has a quick start that prints what it says", () => {
    assert.equal(setup, "npm run setup");
    const printed = inNamespace(lines.join("\n"));
    assert.equal(printed.split("\n").filter((line) => line.startsWith("add element")).join("\n"), blockOf("text").trimEnd());
  });

  it("has a quick start whose output is a script that works", () => {
    const [program = "", call] = lines;
    const node = "ip link add eth0 type veth; ip addr add 10.128.0.1/24 dev eth0; ip addr add fd00:128::1/64 dev eth0 nodad; ip link set eth0 up; ip route add default dev eth0";
    const applied = inNamespace(`${node}\n${program}\n${call} > /tmp/sdn-proxyd.$$\nsource /tmp/sdn-proxyd.$$; rm /tmp/sdn-proxyd.$$\nnft list map inet sdn_proxy svc4; ip route show proto 215; ip -6 route show proto 215`);
    assert.match(applied, /172\.31\.0\.10 \. tcp \. 8080 : goto n4_2[^]*172\.31\.0\.0\/16 dev eth0 .*src 10\.128\.0\.1[^]*fd00:31::\/112 dev eth0 .*src fd00:128::1/);
  });

  it("names every flag, and no other", () => {
    const rows = [...readme.matchAll(/^\| `(--[a-z-]+)[ `]/gm)].map(([, flag]) => flag);
    const help = execFileSync(process.execPath, ["--conditions=source", fileURLToPath(new URL("main.ts", import.meta.url)), "--help"], { encoding: "utf8" });
    const flags = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag).filter((flag) => flag !== "--help" && flag !== "--version");
    assert.deepEqual(rows.toSorted(), flags.toSorted());
  });

  it("tells the defaults and limits that the code has", () => {
    const { runDir, backend, http } = parseConfig(["--source", "x", "--cluster-name", "x", "--node-name", "x"]);
    for (const value of [runDir, backend, `${http.host}:${http.port}`]) assert.ok(readme.includes(`| \`${value}\` |`), value);
    assert.ok(readme.includes(`more than ${FLAT_LIMIT} targets`));
  });

  it("has a row for every metric", async () => {
    const metrics = createMetrics({ processMetrics: false });
    createProxyMetrics(metrics);
    const names = [...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name);
    assert.ok(names.length > 5);
    for (const name of names) assert.match(readme, new RegExp(`^\\|.*\`${name}[{\`]`, "m"));
  });
});
