import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { runScenario } from "../bed/scenario.ts";
import { REPOSITORY } from "./node-program.ts";

interface Life {
  readonly first: number;
  readonly second: number;
  readonly log: string;
  readonly running: readonly boolean[];
  readonly pid: number | null;
  readonly stopMs: number;
  readonly refusals: Readonly<Record<"ended" | "absent" | "silent", string>>;
}

describe("Daemon", () => {
  let life: Life;
  beforeAll(async () => void (life = await runScenario<Life>({ entry: join(REPOSITORY, "lab/src/testing/daemon-life.ts") })));

  it("is restarted as another process, whose log follows that of the first", () => {
    expect(life.second).not.toBe(life.first);
    expect(life.log).toBe(`hello ${life.first}\nhello ${life.second}\n`);
  });

  it("has no pid once it has ended", () => expect(life).toMatchObject({ running: [false, false], pid: null }));

  it("is killed when it does not end by itself", () => {
    expect(life.stopMs).toBeGreaterThanOrEqual(190);
    expect(life.stopMs).toBeLessThan(3000);
  });

  for (const [name, says] of [
    ["ended", /^Cannot start ended: not ready after \d+ ms; its log ends with: oops$/],
    ["absent", /^Cannot start absent: not ready after \d+ ms$/],
    ["silent", /^Cannot start silent: not ready after 1\d\d ms$/],
  ] as const)
    it(`fails to start when it is ${name}`, () => expect(life.refusals[name]).toMatch(says));
});
