import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { describe, it } from "vitest";
import { concerns, watchBridge } from "./watch.ts";

const reply = "ONFST_FLOW_MONITOR reply (OF1.3) (xid=0x6):";

describe("concerns()", () => {
  const cases: [string, boolean, string][] = [
    ["the note comes", true, " event=ADDED table=253 cookie=0 actions=note:02.0d.00.00.00.00"],
    ["the note goes", true, " event=DELETED reason=delete table=253 cookie=0 actions=note:02.0d.00.00.00.00"],
    ["a flow of ours goes", true, " event=DELETED reason=delete table=101 cookie=0x5d7e0001 priority=200,ip,nw_dst=10.0.0.0/8 actions=output:2"],
    ["a pod goes", false, " event=DELETED reason=delete table=20 cookie=0 priority=100,ip,in_port=3,nw_src=10.128.0.5 actions=goto_table:27"],
    ["a heading", false, reply],
  ];
  for (const [name, want, line] of cases) it(`says ${want} when ${name}`, () => assert.equal(concerns(line), want));
});

describe("watchBridge()", () => {
  const note = " event=ADDED table=253 cookie=0 actions=note:02";
  const cases: { name: string; lines: readonly string[]; restore: () => Promise<boolean>; want: { restores: number; changes: number } }[] = [
    { name: "restores once the monitor holds, and tells nobody where nothing was lost", lines: [reply, reply], restore: async () => false, want: { restores: 1, changes: 0 } },
    { name: "tells of what was lost until it held", lines: [reply], restore: async () => true, want: { restores: 1, changes: 1 } },
    { name: "tells where it cannot restore", lines: [reply], restore: () => Promise.reject(new Error("the bridge is gone again")), want: { restores: 1, changes: 1 } },
    { name: "restores and tells when the note comes", lines: [reply, note], restore: async () => false, want: { restores: 2, changes: 1 } },
    { name: "does nothing while the monitor does not hold", lines: ["ovs-ofctl: br0 is not a bridge or a socket"], restore: async () => true, want: { restores: 0, changes: 0 } },
  ];
  for (const { name, lines, restore, want } of cases)
    it(name, async () => {
      const seen = await watch([lines], restore);
      assert.deepEqual([seen.restores, seen.changes], [want.restores, want.changes]);
    });

  it("starts the monitor again when it ends, and stops with the signal", async () => {
    const { starts, restores, sleeps } = await watch([[reply], [], [reply]], async () => false);
    assert.deepEqual([starts, restores, sleeps], [3, 2, [200, 200, 200]]);
  });
});

/** Watches until monitors that print these lines have ended. */
async function watch(monitors: readonly (readonly string[])[], restore: () => Promise<boolean>) {
  const stop = new AbortController();
  const seen = { starts: 0, restores: 0, changes: 0, sleeps: [] as number[] };
  await watchBridge(
    {
      follower: {
        async follow(argv, line) {
          assert.equal(argv[4], "br0");
          for (const text of monitors[seen.starts++] ?? []) line(text);
          if (seen.starts === monitors.length) stop.abort();
          return "ended";
        },
      },
      restore: () => (seen.restores++, restore()),
      clock: { now: () => 0, sleep: async (ms) => void seen.sleeps.push(ms) },
      changed: () => void seen.changes++,
    },
    stop.signal,
  );
  await setImmediate();
  return seen;
}
