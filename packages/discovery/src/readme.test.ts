import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createMetrics } from "@sdn-tunnel/common/daemon/metrics";
import { readYaml } from "@sdn-tunnel/common/sources/yaml";
import { describe, expect, it } from "vitest";
import { freePort } from "../testing/free-port.ts";
import { createDiscoveryMetrics } from "./metrics.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const root = fileURLToPath(new URL("../../..", import.meta.url));
const blockOf = (language: string): string => new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "m").exec(readme)?.[1] ?? "";
const words = (text: string): string[] => text.trimEnd().split("\n").map((line) => line.split(/\s+/).join(" "));

describe("README.md", () => {
  it("has a quick start whose answers are those of dig", async () => {
    // Whoever runs this test has done `npm run setup`. The ports are free ones, so that two runs do not meet.
    const [setup, ...lines] = blockOf("sh").trimEnd().split("\n");
    expect([setup, lines.length]).toEqual(["npm run setup", 3]);
    const [dns, http] = [await freePort(), await freePort()];
    const script = lines.join("\n").replaceAll("5300", String(dns)).replaceAll("9567", String(http));
    const printed = execFileSync("bash", ["-c", script], { cwd: root, encoding: "utf8", timeout: 15_000, stdio: ["ignore", "pipe", "ignore"] });
    expect(words(printed)).toEqual(words(blockOf("text")));
  });

  it("names every flag, and no other", () => {
    const rows = [...readme.matchAll(/^\| `(--[a-z-]+)[ `]/gm)].map(([, flag]) => flag);
    const help = execFileSync(process.execPath, ["--conditions=source", fileURLToPath(new URL("main.ts", import.meta.url)), "--help"], { encoding: "utf8" });
    const flags = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag).filter((flag) => flag !== "--help" && flag !== "--version");
    expect(rows.toSorted()).toEqual(flags.toSorted());
  });

  it("has a row for every metric, with its labels", async () => {
    const metrics = createMetrics({ processMetrics: false });
    createDiscoveryMetrics(metrics);
    const names = [...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(readme).toMatch(new RegExp(`^\\| \`${name}[{\`]`, "m"));
  });

  it("has YAML that is YAML", () => expect(readYaml(blockOf("yaml"))).toMatchObject([{ value: { dnsConfig: { options: expect.anything() } } }]));
});
