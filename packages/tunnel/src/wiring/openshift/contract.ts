import assert from "node:assert/strict";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import type { Bridge } from "./bridge.ts";
import { diffFlows } from "./diff.ts";
import type { FlowMatch, FlowState } from "./flow.ts";
import { planFlows } from "./plan.ts";
import type { FlowContext } from "./plan.ts";

/** What the suite runs on: a bridge as OpenShift SDN leaves it, in networkpolicy mode. */
export interface BridgeCase {
  readonly name: string;
  /** @param foreign the flows of others, as text */
  readonly run: (bridge: Bridge, foreign: () => Promise<string>) => Promise<void>;
}

const context = (changes: Partial<FlowContext> = {}): FlowContext => ({
  mode: "networkpolicy",
  tun0: { mac: "02:00:00:00:00:02", port: 2 },
  remotePods: ["10.132.0.0/14", "10.140.7.9/32"].map(parsePrefix),
  remoteServices: ["172.31.0.0/16"].map(parsePrefix),
  localPods: ["10.128.0.0/23"].map(parsePrefix),
  ...changes,
});

async function become(bridge: Bridge, desired: FlowState): Promise<void> {
  await bridge.apply(diffFlows(await bridge.list(), desired));
  assert.deepEqual(sorted(await bridge.list()), sorted(desired));
}

const sorted = (state: FlowState): [string, string][] => [...state].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** Every adapter of `Bridge` behaves like this. */
export const bridgeContract: readonly BridgeCase[] = [
  {
    name: "tells the mode, and the port to the host",
    async run(bridge) {
      const facts = await bridge.facts();
      assert.equal(facts?.mode, "networkpolicy");
      assert.equal(facts.note, "02.0d.00.00.00.00");
      assert.equal(facts.tun0?.port, 2);
      assert.match(facts.tun0.mac, /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    },
  },
  { name: "starts without flows of ours", run: async (bridge) => assert.equal((await bridge.list()).size, 0) },
  { name: "lists what it wrote, in both modes", run: async (bridge) => {
    await become(bridge, planFlows(context()));
    await become(bridge, planFlows(context({ mode: "multitenant" })));
  } },
  {
    name: "replaces a flow in place when the port's MAC is another",
    async run(bridge) {
      await become(bridge, planFlows(context()));
      const moved = planFlows(context({ tun0: { mac: "02:00:00:00:00:99", port: 2 } }));
      const ops = diffFlows(await bridge.list(), moved);
      assert.deepEqual(new Set(ops.map(({ kind }) => kind)), new Set(["add-flow"]));
      await become(bridge, moved);
    },
  },
  {
    name: "leaves the flows of others as they are, from the first flow of ours to the last",
    async run(bridge, foreign) {
      const before = await foreign();
      assert.ok(before.split("\n").length > 50);
      await become(bridge, planFlows(context()));
      assert.equal(await foreign(), before);
      await become(bridge, new Map());
      assert.equal(await foreign(), before);
    },
  },
  {
    name: "applies all of a bundle or nothing",
    async run(bridge) {
      await become(bridge, planFlows(context({ remotePods: [] })));
      const before = sorted(await bridge.list());
      const good = diffFlows(await bridge.list(), planFlows(context()));
      const bad = { kind: "add-flow", match: "table=101,priority=200,ip,nw_dst=10.9.0.0/16" as FlowMatch, actions: "nonsense" } as const;
      await assert.rejects(bridge.apply([...good, bad]));
      assert.deepEqual(sorted(await bridge.list()), before);
    },
  },
  { name: "finds no flows of the original project where there are none", run: async (bridge) => assert.deepEqual(await bridge.findOriginal(), []) },
];
