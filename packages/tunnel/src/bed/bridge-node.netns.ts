import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import type { RunningVswitch } from "@sdn-tunnel/common/openvswitch/start";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { diffFlows } from "../wiring/openshift/diff.ts";
import { OfctlBridge } from "../wiring/openshift/ofctl.ts";
import { planFlows } from "../wiring/openshift/plan.ts";
import type { SdnMode } from "../wiring/openshift/plan.ts";
import { buildBridge, fillBridge, slowdown, startVswitch, trueFlows } from "../wiring/openshift/vswitch.netns.ts";
import { Place } from "./node.netns.ts";
import { until } from "./two-nodes.netns.ts";

/** What is on the bridge. */
export interface Scene {
  readonly mode?: SdnMode;
  /** Flows that the SDN adds for policies. */
  readonly policies?: readonly string[];
  /** Without the flows of ours that match this. */
  readonly without?: RegExp;
}

const masquerade = "ip saddr 10.128.0.0/14 ip daddr != 10.128.0.0/14 masquerade"; // OPENSHIFT-MASQUERADE
const exemption = "ip saddr 10.128.0.0/23 ip daddr 10.132.0.0/14 snat ip to ip saddr"; // as in packets/plan.ts

/** The network namespace of the caller made a node: what runs here is on its host. */
export const node = (line: string): string => execFileSync("sh", ["-c", line], { encoding: "utf8" });

/**
 * A node with br0 and pods p1 in the project 0x3e9 "red", p2 in 0x3ea "blue", which has a policy that denies what comes
 * in; and behind a cable instead of a tunnel the remote pod q1. It answers these two pods only, so who is answered has
 * kept its address.
 */
export class BridgeNode {
  readonly vswitch: RunningVswitch;
  readonly places: Readonly<Record<"p1" | "p2" | "q1", { readonly place: Place; readonly address: string }>>;
  readonly #bridge = new OfctlBridge(createCommandRunner());

  private constructor(vswitch: RunningVswitch, [p1, p2, q1]: readonly [Place, Place, Place]) {
    this.vswitch = vswitch;
    this.places = { p1: { place: p1, address: "10.128.0.5" }, p2: { place: p2, address: "10.128.0.6" }, q1: { place: q1, address: "10.132.0.7" } };
  }

  /** Everything but the bridge; to be called in namespaces of the caller's own. */
  static async open(): Promise<BridgeNode> {
    const it = new BridgeNode(await startVswitch(), [await Place.open(), await Place.open(), await Place.open()]);
    const { p1, p2, q1 } = it.places;
    node("ip link set lo up && sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=1");
    for (const [i, { place, address }] of [p1, p2].entries()) {
      node(`ip link add va1p${i + 1} type veth peer name eth0 address 0a:58:0a:80:00:0${i + 5} netns ${place.pid} && ip link set va1p${i + 1} up`);
      place.run(`ip link set eth0 up && ip addr add ${address}/23 dev eth0 && ip route add default via 10.128.0.1`);
    }
    node(`ip link add wire type veth peer name eth0 netns ${q1.place.pid} && ip link set wire up && ip addr add 10.132.0.1/23 dev wire`);
    q1.place.run(`ip link set eth0 up && ip addr add ${q1.address}/32 dev eth0`);
    for (const { address } of [p1, p2]) q1.place.run(`ip route add ${address} via 10.132.0.1 dev eth0 onlink`);
    const table = (name: string, priority: string, rule: string) => `table inet ${name} { chain post { type nat hook postrouting priority ${priority}; ${rule}; }\n}\n`;
    execFileSync("nft", ["-f", "-"], { input: table("sdn", "srcnat", masquerade) + table("ours", "srcnat - 10", exemption) });
    return it;
  }

  /** Makes br0 anew, as the SDN does. Pods keep the MAC that they know of the one before. */
  async build(scene: Scene): Promise<void> {
    buildBridge(flowsOf(scene), "system");
    node("ip link set tun0 up && ip addr add 10.128.0.1/23 dev tun0");
    await this.#addOurs(scene);
  }

  /** Fills the bridge that is there, as soon as ovs-vswitchd answers after a restart. */
  async refill(scene: Scene): Promise<void> {
    await until(() => fillBridge(flowsOf(scene)), 5000 * slowdown, "br0 takes flows");
    await this.#addOurs(scene);
  }

  /** Lets pods ask for every MAC again. */
  forgetNeighbours(): void {
    for (const { place } of [this.places.p1, this.places.p2]) place.run("ip neigh flush dev eth0");
  }

  /** Which of these get an answer: `p1→q1`. By pings: on the userspace datapath the cables leave other checksums undone. */
  answered(...ways: string[]): string[] {
    return ways.filter((way) => {
      const [from, to] = way.split("→").map((name) => this.places[name as "p1" | "p2" | "q1"]);
      return spawnSync("nsenter", [`--target=${from!.place.pid}`, "--net", "ping", "-q", "-c", "2", "-i", "0.2", "-W", "1", to!.address]).status === 0;
    });
  }

  async #addOurs({ mode = "networkpolicy", without }: Scene): Promise<void> {
    const facts = await this.#bridge.facts();
    assert.ok(facts?.tun0);
    const demand = { remotePods: [parsePrefix("10.132.0.0/14")], remoteServices: [], localPods: [parsePrefix("10.128.0.0/23")] };
    const ours = [...planFlows({ mode, tun0: facts.tun0, ...demand })].filter(([match]) => !without?.test(match));
    await this.#bridge.apply(diffFlows(new Map(), new Map(ours)));
  }
}

const flowsOf = ({ mode = "networkpolicy", policies = [] }: Scene): string => `${trueFlows(mode)}${policies.join("\n")}\n`;
