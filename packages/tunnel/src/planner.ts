import type { Refusal } from "@sdn-tunnel/common/admit/refusal";
import { nodeKey } from "@sdn-tunnel/common/admit/view";
import type { MeshView, NodeKey, NodeView } from "@sdn-tunnel/common/admit/view";
import type { Route } from "@sdn-tunnel/common/kernel/route";
import type { Address } from "@sdn-tunnel/common/net/address";
import { namesOf } from "./endpoints/choose.ts";
import type { PublicKey } from "./keys/key.ts";
import { KeyClaims } from "./peers/claims.ts";
import type { Peer } from "./peers/peer.ts";
import { keyOf, planPeer } from "./peers/plan.ts";
import { planRoutes } from "./routes/plan.ts";
import type { Situation } from "./situation.ts";

/** What one remote node asks of this one. */
export interface NodePlan {
  readonly node: NodeView;
  readonly peer: Peer | undefined;
  readonly routes: readonly Route[];
  readonly refusals: readonly Refusal[];
}

export interface PlannerNeeds {
  readonly device: string;
  readonly ownKey: PublicKey;
  readonly view: Pick<MeshView, "node" | "clusters">;
  readonly resolved: (name: string) => readonly Address[] | undefined;
  /** Whose peer has this key in the kernel. */
  readonly ownerOf: (key: PublicKey) => NodeKey | undefined;
}

/** Plans remote nodes one by one, and remembers the last plan of each. */
export class Planner {
  readonly #needs: PlannerNeeds;
  readonly claims = new KeyClaims();
  readonly #plans = new Map<NodeKey, NodePlan>();
  /** Names among the endpoints, with the nodes that have them. */
  readonly #users = new Map<string, Set<NodeKey>>();

  constructor(needs: PlannerNeeds) {
    this.#needs = needs;
  }

  get plans(): ReadonlyMap<NodeKey, NodePlan> {
    return this.#plans;
  }

  /** Notes the keys that these nodes publish now; returns them together with the nodes whose claim that changes. */
  claim(nodes: Iterable<NodeKey>): Set<NodeKey> {
    const concerned = new Set(nodes);
    for (const key of [...concerned]) {
      const node = this.#remote(key);
      for (const rival of this.claims.set(key, node && keyOf(node))) concerned.add(rival);
    }
    return concerned;
  }

  /** Plans these nodes; those that are gone, held or refused have no plan. */
  plan(nodes: Iterable<NodeKey>, situation: Situation): NodePlan[] {
    return [...nodes].flatMap((key) => {
      const node = this.#remote(key);
      const plan = node && situation.inForce.has(node.cluster) ? this.#planOne(node, situation) : undefined;
      this.#remember(key, plan);
      return plan ?? [];
    });
  }

  /** Nodes with an endpoint of that name. */
  usersOf(name: string): ReadonlySet<NodeKey> {
    return this.#users.get(name) ?? new Set();
  }

  /** Every name that has to be resolved. */
  names(): ReadonlySet<string> {
    return new Set(this.#users.keys());
  }

  #remember(key: NodeKey, plan: NodePlan | undefined): void {
    for (const name of endpointNames(this.#plans.get(key))) {
      const users = this.#users.get(name);
      users?.delete(key);
      if (users?.size === 0) this.#users.delete(name);
    }
    for (const name of endpointNames(plan)) this.#users.set(name, (this.#users.get(name) ?? new Set()).add(key));
    if (plan) this.#plans.set(key, plan);
    else this.#plans.delete(key);
  }

  #planOne(node: NodeView, situation: Situation): NodePlan {
    const { ownKey, ownerOf, resolved, device } = this.#needs;
    const { own, families, routedBy, presharedKeys } = situation;
    const { peer, refusals } = planPeer(node, {
      ownKey,
      holder: (key) => this.claims.holder(key, ownerOf(key)),
      presharedKey: presharedKeys.get(node.cluster),
      ownTranslated: own.translated,
      endpoints: { resolved, families, routed: routedBy },
    });
    // Without a peer, a route would swallow what it cannot deliver.
    return { node, peer, refusals, routes: peer ? planRoutes(node, device, own.addresses) : [] };
  }

  #remote(key: NodeKey): NodeView | undefined {
    const node = this.#needs.view.node(key);
    return node && this.#needs.view.clusters.get(node.cluster)?.local === false ? node : undefined;
  }
}

const endpointNames = (plan: NodePlan | undefined): string[] => namesOf(plan?.node.tunnels.flatMap(({ endpoints }) => endpoints) ?? []);

/** Identity of the node that a plan is for. */
export const planKey = ({ node }: NodePlan): NodeKey => nodeKey(node.cluster, node.name);
