import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { nodeKey } from "@sdn-tunnel/common/admit/view";
import { systemClock } from "@sdn-tunnel/common/loop/clock";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { describe, it } from "vitest";
import { Prober } from "./prober.ts";
import type { ProbeListener, ProbePath } from "./probe-socket.ts";

const WEST = nodeKey("west", "node-1");
const path = (to: string): ProbePath => ({ from: parseAddress("10.0.0.1"), to: parseAddress(to), port: 5557 });

/** A prober whose sockets do nothing by themselves. */
function prober(remembered?: boolean) {
  const opened: { to: string; listener: ProbeListener; forgotten: number; closed: boolean }[] = [];
  const changes: (boolean | undefined)[] = [];
  const subject = new Prober({
    clock: systemClock,
    remembered: () => remembered,
    changed: (_, { up }) => changes.push(up),
    openSocket(to, listener) {
      const socket = { to: to.to as string, listener, forgotten: 0, closed: false };
      opened.push(socket);
      return { path: to, tick: () => undefined, forget: () => void (socket.forgotten += 1), close: () => void (socket.closed = true) };
    },
  });
  return { subject, opened, changes };
}

describe("Prober", () => {
  it("tells of changes only, and keeps what it knows when the path changes", () => {
    const { subject, opened, changes } = prober();
    subject.follow(WEST, path("10.9.0.1"));
    for (let i = 0; i < 3; i++) opened[0]?.listener.answered(0.4);
    subject.follow(WEST, path("10.9.0.1"));
    assert.equal(opened.length, 1);
    subject.follow(WEST, path("10.9.0.2"));
    assert.deepEqual([opened[0]?.closed, opened[1]?.to], [true, "10.9.0.2"]);
    assert.equal(subject.livenessOf(WEST)?.up, true);
    for (let i = 0; i < 3; i++) opened[1]?.listener.lost();
    assert.deepEqual(changes, [true, false]);
  });

  it("forgets a node that is not followed any more, and hears nothing of it", () => {
    const { subject, opened, changes } = prober();
    subject.follow(WEST, path("10.9.0.1"));
    subject.follow(WEST, undefined);
    for (let i = 0; i < 3; i++) opened[0]?.listener.lost();
    assert.deepEqual([subject.livenessOf(WEST), changes, opened[0]?.closed], [undefined, [], true]);
  });

  it("goes on from what the last agent knew", () => {
    const { subject, opened, changes } = prober(false);
    subject.follow(WEST, path("10.9.0.1"));
    opened[0]?.listener.lost();
    assert.deepEqual([subject.livenessOf(WEST)?.up, changes], [false, []]);
  });

  it("does not judge probes that were under way while this process stood still", async () => {
    const { subject, opened } = prober();
    subject.follow(WEST, path("10.9.0.1"));
    const stop = new AbortController();
    const running = subject.run(stop.signal);
    await sleep(20);
    const until = performance.now() + 1200;
    while (performance.now() < until); // nobody else gets the processor
    await sleep(20);
    stop.abort();
    await running;
    assert.deepEqual([opened[0]?.forgotten, opened[0]?.closed], [1, true]);
  });
});
