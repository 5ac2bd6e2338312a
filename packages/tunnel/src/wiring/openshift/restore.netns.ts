import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import { commandFollower } from "@sdn-tunnel/common/daemon/follow";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { systemClock as clock } from "@sdn-tunnel/common/loop/clock";
import { PassLoop } from "@sdn-tunnel/common/loop/pass-loop";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { BridgeKeeper } from "./keeper.ts";
import { OfctlBridge } from "./ofctl.ts";
import { buildBridge, slowdown, startVswitch, trueFlows } from "./vswitch.netns.ts";
import { watchBridge } from "./watch.ts";

// Runs inside namespaces of its own; see kernel/namespace.ts in common.
const bridge = new OfctlBridge(createCommandRunner());
const vswitch = await startVswitch();
buildBridge(trueFlows("networkpolicy"));
const demand = { remotePods: [parsePrefix("10.132.0.0/14")], remoteServices: [parsePrefix("172.31.0.0/16")], localPods: [parsePrefix("10.128.0.0/23")], mayRemove: () => true };
let restored = 0;
const keeper = new BridgeKeeper({
  bridge,
  choice: "auto",
  removeOriginal: false,
  hostPortExists: async () => true,
  wired: () => {},
  applied: (_, lost) => void (restored += lost),
});
const loop = new PassLoop<string>({
  pass: async () => {
    await keeper.ensure(demand);
    return new Map();
  },
  observer: { passed: () => {}, threw: () => {} },
  clock,
  coalesceMs: 20,
  auditMs: 600_000, // so that nothing but the monitor can bring a flow back
  backoff: { firstMs: 100, lastMs: 1000 },
});
const stop = new AbortController();
void loop.run(stop.signal);
void watchBridge({ follower: commandFollower, clock, restore: () => keeper.restore(), changed: () => loop.markAll() }, stop.signal);
await untilThere();
await sleep(100 * slowdown); // the monitor's first answer is a reason for a pass too

/** Milliseconds until our three flows are there. */
async function untilThere(): Promise<number> {
  const started = performance.now();
  while (performance.now() - started < 5000 * slowdown) {
    if ((await bridge.list()).size === 3) return performance.now() - started;
    await sleep(20);
  }
  throw new Error(`Cannot find the flows within ${5 * slowdown} s`);
}

/**
 * @param disturb is over when br0 is there
 * @param lost how many flows it takes, at least and at most
 */
async function within1s(disturb: () => void | Promise<void>, lost: readonly [least: number, most: number]): Promise<void> {
  const before = restored;
  await disturb();
  const ms = await untilThere();
  process.stderr.write(`flows are back after ${Math.round(ms)} ms\n`);
  await sleep(50 * slowdown);
  assert.ok(ms < 1000 * slowdown, `the flows were back after ${Math.round(ms)} ms`);
  const counted = restored - before;
  assert.ok(counted >= lost[0] && counted <= lost[1], `${counted} flows were counted as lost, ${lost.join(" to ")} were`);
}

/** ovs-vswitchd makes br0 anew, without flows, before it answers. */
async function restart(): Promise<void> {
  await vswitch.restart();
  while ((await bridge.facts()) === undefined) await sleep(10);
}

export const cases: readonly NamespaceCase[] = [
  {
    name: "puts flows back when the SDN rebuilds br0",
    // those that come back before the SDN fills its bridge are lost with that a second time
    run: () => within1s(() => buildBridge(trueFlows("networkpolicy")), [3, 6]),
  },
  { name: "puts flows back when ovs-vswitchd is restarted, and nobody brings the note back", run: () => within1s(restart, [3, 3]) },
  {
    name: "puts back a flow that somebody deletes",
    async run() {
      buildBridge(trueFlows("networkpolicy"));
      await untilThere();
      await sleep(400 * slowdown); // the monitor holds again
      await within1s(() => void execFileSync("ovs-ofctl", ["-O", "OpenFlow13", "del-flows", "br0", "ip,nw_dst=172.31.0.0/16"]), [1, 1]);
    },
  },
  {
    name: "leaves no monitor behind",
    async run() {
      stop.abort();
      await sleep(100 * slowdown);
      assert.throws(() => execFileSync("pgrep", ["-f", "ovs-ofctl.*monitor"]));
    },
  },
];
