import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { Health } from "./health.ts";
import { STALE_MS } from "./report.ts";

const report = (writtenAt: number, up: boolean): string => JSON.stringify({ writtenAt, clusters: { west: { "node-1": { up, since: 1 }, "node-2": { up: true, since: 1, rttMs: 0.4 } } } });

/** Looks once per step; `text` is what the file holds then, an Error what reading it gives. */
const steps: { name: string; looks: { at: number; text: string | undefined | Error; down: string[] }[] }[] = [
  { name: "knows nothing without a file", looks: [{ at: 0, text: undefined, down: [] }] },
  { name: "sees a node go down and come back", looks: [{ at: 0, text: report(0, true), down: [] }, { at: 500, text: report(500, false), down: ["west/node-1"] }, { at: 900, text: report(900, true), down: [] }] },
  { name: "takes a report for unknown when it is older than 5 s", looks: [{ at: 0, text: report(0, false), down: ["west/node-1"] }, { at: STALE_MS, text: report(0, false), down: ["west/node-1"] }, { at: STALE_MS + 1, text: report(0, false), down: [] }] },
  { name: "takes a report from the future for unknown", looks: [{ at: 0, text: report(60_000, false), down: [] }] },
  { name: "keeps the last good report when the file is no JSON, until it is stale", looks: [{ at: 0, text: report(0, false), down: ["west/node-1"] }, { at: 200, text: "{", down: ["west/node-1"] }, { at: 6000, text: "{", down: [] }] },
  { name: "keeps the last good report when the file has another shape", looks: [{ at: 0, text: report(0, false), down: ["west/node-1"] }, { at: 200, text: `{"writtenAt":200,"clusters":[]}`, down: ["west/node-1"] }] },
  { name: "keeps the last good report when the file cannot be read", looks: [{ at: 0, text: report(0, false), down: ["west/node-1"] }, { at: 200, text: new Error("EACCES"), down: ["west/node-1"] }] },
  { name: "forgets a report that was removed", looks: [{ at: 0, text: report(0, false), down: ["west/node-1"] }, { at: 200, text: undefined, down: [] }] },
];

describe("Health", () => {
  for (const { name, looks } of steps)
    it(name, async () => {
      let now = 0;
      let text: string | undefined | Error;
      const read = async (): Promise<string | undefined> => {
        if (text instanceof Error) throw text;
        return text;
      };
      const health = new Health({ read, clock: { now: () => now, sleep: async () => {} } });
      for (const look of looks) {
        ({ at: now, text } = look);
        const before = [...health.down];
        const changed = await health.look();
        assert.deepEqual([...health.down], look.down, `at ${now} ms`);
        assert.deepEqual(changed.length, before.length === look.down.length ? 0 : 1);
      }
    });

  it("says what is wrong with the file, until it is right again", async () => {
    const texts = ["{", report(0, true), `{"clusters":{}}`, report(0, true)];
    const problems: (string | undefined)[] = [];
    const health = new Health({ read: async () => texts.shift(), clock: { now: () => 0, sleep: async () => {} } });
    while (texts.length > 0) {
      await health.look();
      problems.push(health.problem);
    }
    assert.match(problems[0] ?? "", /JSON/);
    assert.match(problems[2] ?? "", /writtenAt: /);
    assert.deepEqual([problems[1], problems[3]], [undefined, undefined]);
  });

  it("tells of changes until it is stopped", async () => {
    const stop = new AbortController();
    const told: string[] = [];
    let turn = 0;
    const sleep = async (): Promise<void> => void (++turn === 4 && stop.abort());
    const health = new Health({ read: async () => report(0, turn % 2 === 0), clock: { now: () => 0, sleep } });
    await health.follow((nodes) => told.push(...nodes), stop.signal);
    assert.deepEqual(told, ["west/node-1", "west/node-1", "west/node-1"]);
  });
});
