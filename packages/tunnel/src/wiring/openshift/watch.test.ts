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
  it("restores and tells when the monitor holds, starts it again when it ends, and stops with the signal", async () => {
    const stop = new AbortController();
    let [starts, changes, restores] = [0, 0, 0];
    const sleeps: number[] = [];
    const lines = [[reply, reply], ["ovs-ofctl: br0 is not a bridge or a socket"], [reply, " event=ADDED table=253 cookie=0 actions=note:02"]];
    await watchBridge(
      {
        follower: {
          async follow(argv, line) {
            assert.equal(argv[4], "br0");
            for (const text of lines[starts++] ?? []) line(text);
            if (starts === lines.length) stop.abort();
            return "ended";
          },
        },
        restore: async () => {
          if (++restores === 2) throw new Error("the bridge is gone again");
        },
        clock: { now: () => 0, sleep: async (ms) => void sleeps.push(ms) },
        changed: () => void (changes += 1),
      },
      stop.signal,
    );
    await setImmediate();
    assert.deepEqual([starts, restores, changes, sleeps], [3, 3, 3, [200, 200, 200]]);
  });
});
