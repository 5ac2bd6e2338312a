import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runScenario } from "./bed/scenario.ts";
import type { Seen } from "./captures/capture.ts";
import { REPOSITORY } from "./processes/node-program.ts";
import type { Reply } from "./requests/curl.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

describe("README.md", () => {
  it("shows a program that runs", async () => {
    const program = /```ts\n(\/\/ tour\.ts\n.*?)```/s.exec(readme)![1]!;
    mkdirSync(join(REPOSITORY, ".cache"), { recursive: true });
    const folder = mkdtempSync(join(REPOSITORY, ".cache", "readme-")); // where @sdn-tunnel/lab is found
    try {
      writeFileSync(join(folder, "tour.ts"), program);
      const { reply, seen } = await runScenario<{ reply: Reply; seen: Seen[] }>({ entry: join(folder, "tour.ts") });
      expect(reply).toMatchObject({ ok: true, json: { remoteAddress: "10.128.0.12" } });
      expect(seen.map(({ device }) => device)).toEqual(["east", "west"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
