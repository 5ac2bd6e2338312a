import type { NodeKey } from "@sdn-tunnel/common/admit/view";
import type { PassScope } from "@sdn-tunnel/common/loop/pass-loop";
import type { Clock } from "@sdn-tunnel/common/loop/clock";
import type { KernelChange } from "@sdn-tunnel/common/kernel/watch";
import { routeKey, ruleKey } from "@sdn-tunnel/common/kernel/route";
import type { RoutingTable } from "@sdn-tunnel/common/kernel/route";
import { applyChanges, diffTunnel } from "./apply.ts";
import type { Changes, Failure } from "./apply.ts";
import type { TunnelConfig } from "./config.ts";
import { TunnelError } from "./errors.ts";
import { publicKeyOf } from "./keys/key.ts";
import type { PublicKey, SecretKey } from "./keys/key.ts";
import { observeSituation } from "./observe.ts";
import type { ObserveNeeds } from "./observe.ts";
import type { PacketContext } from "./packets/plan.ts";
import { adoptOwner } from "./peers/adopt.ts";
import type { WireguardDevice } from "./peers/device.ts";
import type { Peer } from "./peers/peer.ts";
import { planKey, Planner } from "./planner.ts";
import type { NodePlan, PlannerNeeds } from "./planner.ts";
import { planRules, TUNNEL_TABLE } from "./routes/plan.ts";
import { Shadow } from "./shadow.ts";
import type { Situation } from "./situation.ts";
import { bringUp } from "./wiring/bring-up.ts";

export interface TunnelPassNeeds extends ObserveNeeds, Pick<PlannerNeeds, "resolved"> {
  readonly device: WireguardDevice;
  readonly routing: RoutingTable;
  /** Makes the device when it is this daemon who has to. */
  readonly ensureDevice: () => Promise<void>;
  readonly privateKey: SecretKey;
  readonly clock: Clock;
  /** What of this node must be as wanted before peers and routes lead traffic through it. */
  readonly prepareHost: (situation: Situation, packets: PacketContext) => Promise<Failure[]>;
  /** Told after every pass. */
  readonly settled: (result: PassResult) => Promise<void>;
}

export interface PassResult {
  /** The nodes concerned; absent when it was the whole mesh. */
  readonly nodes: ReadonlySet<NodeKey> | undefined;
  readonly situation: Situation;
  readonly changes: Changes;
  readonly failures: readonly Failure[];
}

/**
 * One pass: view → plan → diff → apply. A full pass first reads the kernel and judges the clusters; an event pass
 * takes a few nodes and goes on from what the kernel acknowledged.
 */
export class TunnelPass {
  readonly shadow = new Shadow();
  readonly planner: Planner;
  readonly #config: TunnelConfig;
  readonly #needs: TunnelPassNeeds;
  readonly #ownKey: PublicKey;
  #situation: Situation | undefined;

  constructor(config: TunnelConfig, needs: TunnelPassNeeds) {
    this.#config = config;
    this.#needs = needs;
    this.#ownKey = publicKeyOf(needs.privateKey);
    const { view, resolved, device } = needs;
    const ownerOf = (key: PublicKey): NodeKey | undefined => this.shadow.peerOwners.of(key);
    this.planner = new Planner({ device: device.name, ownKey: this.#ownKey, view, resolved, ownerOf });
  }

  /** How things stood at the last full pass. */
  get situation(): Situation | undefined {
    return this.#situation;
  }

  /** Whether what somebody else did to the kernel may have undone what this pass wrote. */
  mustReadAfter(change: KernelChange): boolean {
    if (change.kind === "ours") return change.table === TUNNEL_TABLE;
    return change.kind === "unknown" || (change.kind === "link" && change.name === this.#needs.device.name);
  }

  readonly run = async ({ full, keys }: PassScope<NodeKey>): Promise<ReadonlyMap<NodeKey, string>> => {
    const situation = full || !this.#situation ? await this.#observe() : this.#situation;
    const wholeMesh = situation !== this.#situation;
    this.#situation = situation;
    const failures = wholeMesh ? await this.#prepare(situation) : [];
    // From here to the plan without a pause: the view went on while the kernel was read, and keys must be claimed first.
    const nodes = wholeMesh ? this.#adopt() : this.planner.claim(keys);
    const concerned = wholeMesh ? undefined : nodes;
    const plans = this.planner.plan(nodes, situation);
    const changes = this.diff(plans, situation, concerned);
    failures.push(...(await applyChanges(changes, this.#needs, this.shadow)));
    this.shadow.adoptEndpoints(plans.flatMap(({ peer }) => peer ?? []));
    await this.#needs.settled({ nodes: concerned, situation, changes, failures });
    return failuresByNode(failures);
  };

  /** What is to be changed for these plans; without `nodes`, the plans are of the whole mesh. */
  diff(plans: readonly NodePlan[], situation: Situation, nodes?: ReadonlySet<NodeKey>): Changes {
    const { mayRemove, mayRemoveStrangers, own } = situation;
    const peers = new Map<PublicKey, Peer>();
    const routes = new Map(plans.flatMap((plan) => plan.routes.map((route) => [routeKey(route), route] as const)));
    for (const plan of plans) {
      if (plan.peer) peers.set(plan.peer.publicKey, plan.peer);
      if (plan.peer) this.shadow.peerOwners.set(plan.peer.publicKey, planKey(plan));
      for (const route of plan.routes) this.shadow.routeOwners.set(routeKey(route), planKey(plan));
    }
    const rules = nodes ? [] : planRules(own.addresses, this.#config.rulePreference);
    const observed = nodes
      ? { peers: this.shadow.peersFor(nodes, peers.keys()), routing: this.shadow.routesFor(nodes, routes.keys()) }
      : this.shadow;
    return diffTunnel({
      observed,
      desired: { peers, routing: { routes, rules: new Map(rules.map((rule) => [ruleKey(rule), rule])) } },
      mayRemove,
      mayRemoveStrangers,
      now: this.#needs.clock.now(),
    });
  }

  /** Reads the kernel, adopts what a former process left, and judges the clusters. */
  async #observe(): Promise<Situation> {
    const { device, routing, links, privateKey } = this.#needs;
    await this.#needs.ensureDevice();
    const state = await device.observe();
    this.shadow.read(state.peers, await routing.list([TUNNEL_TABLE]));
    this.#adopt();
    const situation = await observeSituation(this.#config, this.#needs, this.#ownKey, this.shadow);
    await bringUp(device, links, state, { privateKey, listenPort: this.#config.listenPort, mtu: situation.mtu });
    return situation;
  }

  /** Notes the keys of all nodes, and whose the peers are that a former process left; returns all nodes. */
  #adopt(): Set<NodeKey> {
    const nodes = this.planner.claim(this.#everyNode());
    for (const [key, peer] of this.shadow.peers) {
      const claimants = [...this.planner.claims.claimants(key)].flatMap((node) => this.#needs.view.node(node) ?? []);
      const owner = this.shadow.peerOwners.of(key) ?? adoptOwner(peer, claimants);
      if (owner !== undefined) this.shadow.peerOwners.set(key, owner);
    }
    return nodes;
  }

  #everyNode(): Set<NodeKey> {
    return new Set([...this.#needs.view.nodes.keys(), ...this.planner.claims.nodes()]);
  }

  #prepare(situation: Situation): Promise<Failure[]> {
    return this.#needs.prepareHost(situation, packetContext(situation, this.#needs.view));
  }
}

/** What the packet rules are made from: this node's own prefixes, and the pod prefixes of every cluster in force. */
export function packetContext({ own, inForce, mtu }: Situation, view: Pick<ObserveNeeds["view"], "clusters">): PacketContext {
  const remotes = [...view.clusters.values()].filter(({ name }) => inForce.has(name));
  return {
    localPrefixes: own.subnets,
    remotePrefixes: remotes.flatMap(({ config }) => config.podCIDRs.map(({ as }) => as)),
    ownAddresses: own.addresses,
    mtu,
  };
}

/** @throws {TunnelError} INCOMPLETE when something failed that belongs to no node: all is looked at again */
function failuresByNode(failures: readonly Failure[]): Map<NodeKey, string> {
  const nodeless = failures.filter(({ node }) => node === undefined).map(({ message }) => message);
  if (nodeless.length > 0) throw new TunnelError({ code: "INCOMPLETE", failed: nodeless });
  return new Map(failures.flatMap(({ node, message }) => (node === undefined ? [] : [[node, message]])));
}
