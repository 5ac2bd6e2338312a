import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { diffFlows } from "../wiring/openshift/diff.ts";
import { OfctlBridge } from "../wiring/openshift/ofctl.ts";
import { planFlows } from "../wiring/openshift/plan.ts";
import type { SdnMode } from "../wiring/openshift/plan.ts";
import { buildBridge, startVswitch, trueFlows } from "../wiring/openshift/vswitch.netns.ts";
import { Place } from "./node.netns.ts";

// Runs inside namespaces of its own; see kernel/namespace.ts in common. This one is the node: pods p1 in the project
// 0x3e9 "red" and p2 in 0x3ea "blue" on br0, and behind a cable instead of a tunnel the remote pod q1. It answers
// these two pods only, so who is answered has kept its address. Pings, since the cables leave other checksums undone.
const bridge = new OfctlBridge(createCommandRunner());
const node = (line: string): string => execFileSync("sh", ["-c", line], { encoding: "utf8" });
await startVswitch();
const [p1, p2, q1] = [await Place.open(), await Place.open(), await Place.open()];
node("ip link set lo up && sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=1");
for (const [i, pod] of [p1, p2].entries()) {
  node(`ip link add va1p${i + 1} type veth peer name eth0 address 0a:58:0a:80:00:0${i + 5} netns ${pod.pid} && ip link set va1p${i + 1} up`);
  pod.run(`ip link set eth0 up && ip addr add 10.128.0.${i + 5}/23 dev eth0 && ip route add default via 10.128.0.1`);
}
node(`ip link add wire type veth peer name eth0 netns ${q1.pid} && ip link set wire up && ip addr add 10.132.0.1/23 dev wire`);
q1.run("ip link set eth0 up && ip addr add 10.132.0.7/23 dev eth0 && ip route add 10.128.0.5 via 10.132.0.1 && ip route add 10.128.0.6 via 10.132.0.1");
const masquerade = "ip saddr 10.128.0.0/14 ip daddr != 10.128.0.0/14 masquerade"; // OPENSHIFT-MASQUERADE
const exemption = "ip saddr 10.128.0.0/23 ip daddr 10.132.0.0/14 snat ip to ip saddr"; // as in packets/plan.ts
execFileSync("nft", ["-f", "-"], {
  input: `table inet sdn { chain post { type nat hook postrouting priority srcnat; ${masquerade}; }\n}
table inet ours { chain post { type nat hook postrouting priority srcnat - 10; ${exemption}; }\n}\n`,
});

interface Scene {
  readonly mode?: SdnMode;
  /** Flows that the SDN adds for policies. */
  readonly policies?: readonly string[];
  /** Without the flows of ours that match this. */
  readonly without?: RegExp;
}

async function build({ mode = "networkpolicy", policies = [], without }: Scene): Promise<void> {
  buildBridge(`${trueFlows(mode)}${policies.join("\n")}\n`, "system"); // there blue has a policy that denies what comes in
  node("ip link set tun0 up && ip addr add 10.128.0.1/23 dev tun0");
  const facts = await bridge.facts();
  assert.ok(facts?.tun0);
  const demand = { remotePods: [parsePrefix("10.132.0.0/14")], remoteServices: [], localPods: [parsePrefix("10.128.0.0/23")] };
  const ours = [...planFlows({ mode, tun0: facts.tun0, ...demand })].filter(([match]) => !without?.test(match));
  await bridge.apply(diffFlows(new Map(), new Map(ours)));
  for (const pod of [p1, p2]) pod.run("ip neigh flush dev eth0");
}

/** Which of these get an answer: `p1→q1`. */
function answered(...ways: string[]): string[] {
  const places = { p1: { place: p1, address: "10.128.0.5" }, p2: { place: p2, address: "10.128.0.6" }, q1: { place: q1, address: "10.132.0.7" } };
  return ways.filter((way) => {
    const [from, to] = way.split("→").map((name) => places[name as "p1" | "p2" | "q1"]);
    return spawnSync("nsenter", [`--target=${from!.place.pid}`, "--net", "ping", "-q", "-c", "2", "-i", "0.2", "-W", "1", to!.address]).status === 0;
  });
}

const ALL = ["p1→q1", "p2→q1", "q1→p1", "q1→p2"];
const outTo = /^table=101/;
const inFrom = /^table=0,/;

const scenes: (Scene & { readonly name: string; readonly want: readonly string[] })[] = [
  { name: "pods reach each other with their own addresses; an isolated one gets its replies, and nothing else", want: ["p1→q1", "p2→q1", "q1→p1"] },
  { name: "without the flow to remote pods an isolated one gets no reply here, where the bridge's conntrack is not the host's", without: outTo, want: ["p1→q1", "q1→p1"] },
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
    await build(scene);
    assert.deepEqual(answered(...ALL), want);
  },
}));
