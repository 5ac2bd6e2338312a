import assert from "node:assert/strict";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { datapath } from "../wiring/openshift/vswitch.netns.ts";
import { BridgeNode } from "./bridge-node.netns.ts";
import type { Scene } from "./bridge-node.netns.ts";

// Runs inside namespaces of its own, which are the node; see kernel/namespace.ts in common.
const bed = await BridgeNode.open();

const ALL = ["p1→q1", "p2→q1", "q1→p1", "q1→p2"];
const outTo = /^table=101/;
const inFrom = /^table=0,/;

/** The one thing that depends on the datapath: whether the bridge's conntrack is the host's. */
const withoutOut =
  datapath === "system"
    ? { name: "without the flow to remote pods an isolated one gets its replies too, since the bridge's conntrack is the host's", want: ["p1→q1", "p2→q1", "q1→p1"] }
    : { name: "without the flow to remote pods an isolated one gets no reply here, where the bridge's conntrack is not the host's", want: ["p1→q1", "q1→p1"] };

const scenes: (Scene & { readonly name: string; readonly want: readonly string[] })[] = [
  { name: "pods reach each other with their own addresses; an isolated one gets its replies, and nothing else", want: ["p1→q1", "p2→q1", "q1→p1"] },
  { ...withoutOut, without: outTo },
  {
    name: "a policy that allows the namespace default does not let remote pods in",
    policies: ["table=80, priority=150,reg0=0,reg1=0x3ea actions=output:NXM_NX_REG2[]"],
    want: ["p1→q1", "p2→q1", "q1→p1"],
  },
  {
    name: "without the flow from remote pods it does: that is what the reserved network id is for",
    policies: ["table=80, priority=150,reg0=0,reg1=0x3ea actions=output:NXM_NX_REG2[]"],
    without: inFrom,
    want: ALL,
  },
  { name: "a policy with an ipBlock of the remote prefix lets them in", policies: ["table=80, priority=150,ip,reg1=0x3ea,nw_src=10.132.0.0/14 actions=output:NXM_NX_REG2[]"], want: ALL },
  { name: "a policy with another ipBlock does not", policies: ["table=80, priority=150,ip,reg1=0x3ea,nw_src=10.136.0.0/14 actions=output:NXM_NX_REG2[]"], want: ["p1→q1", "p2→q1", "q1→p1"] },
  {
    name: "an EgressNetworkPolicy that denies the remote prefix holds for its project, replies included, and for no other",
    policies: ["table=100, priority=10,ip,reg0=0x3e9,nw_dst=10.132.0.0/14 actions=drop"],
    want: ["p2→q1"],
  },
  { name: "in multitenant mode every project is reached", mode: "multitenant", want: ALL },
  { name: "in subnet mode, where there is one network, every pod is reached", mode: "subnet", want: ALL },
];

export const cases: readonly NamespaceCase[] = scenes.map(({ name, want, ...scene }) => ({
  name,
  async run() {
    await bed.build(scene);
    bed.forgetNeighbours();
    assert.deepEqual(bed.answered(...ALL), want);
  },
}));
