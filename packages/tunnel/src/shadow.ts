import type { NodeKey } from "@sdn-tunnel/common/admit/view";
import { routeKey, ruleKey } from "@sdn-tunnel/common/kernel/route";
import type { Route, RouteKey, RoutingOp, RoutingState, Rule } from "@sdn-tunnel/common/kernel/route";
import type { PublicKey } from "./keys/key.ts";
import { Owners } from "./owners.ts";
import type { ObservedPeer, Peer, PeerOp, Peers } from "./peers/peer.ts";
import { PeerTable } from "./peers/table.ts";

/**
 * What the kernel has acknowledged, and for which node. A full pass replaces it by what it read; an event pass
 * diffs against its part of the nodes concerned.
 */
export class Shadow {
  readonly peerOwners = new Owners<PublicKey>();
  readonly routeOwners = new Owners<RouteKey>();
  #table = new PeerTable();
  #routes = new Map<RouteKey, Route>();
  #rules = new Map<string, Rule>();

  get peers(): Peers {
    return this.#table.peers;
  }

  get routing(): RoutingState {
    return { routes: this.#routes, rules: this.#rules };
  }

  /** Takes what was read; of the endpoints that we wrote, those of peers that are still there are remembered. */
  read(peers: Peers, routing: RoutingState): void {
    const remembered = [...peers].map(([key, peer]): [PublicKey, ObservedPeer] => {
      const wroteEndpoint = this.peers.get(key)?.wroteEndpoint;
      return [key, wroteEndpoint ? { ...peer, wroteEndpoint } : peer];
    });
    this.#table = new PeerTable(new Map(remembered));
    this.#routes = new Map(routing.routes);
    this.#rules = new Map(routing.rules);
    this.peerOwners.retain(peers);
    this.routeOwners.retain(routing.routes);
  }

  /** The peers that are there for these nodes, and those with these keys. */
  peersFor(nodes: Iterable<NodeKey>, keys: Iterable<PublicKey>): Peers {
    return pick(this.peers, [...this.peerOwners.items(nodes), ...keys]);
  }

  /** The routes that are there for these nodes, and those with these keys. */
  routesFor(nodes: Iterable<NodeKey>, keys: Iterable<RouteKey>): RoutingState {
    return { routes: pick(this.#routes, [...this.routeOwners.items(nodes), ...keys]), rules: new Map() };
  }

  /**
   * Takes the endpoints of peers that a former process left for written as they are wanted now, whether or not they
   * have roamed since: from here on, another one that is published is a change.
   */
  adoptEndpoints(wanted: readonly Peer[]): void {
    for (const { publicKey, endpoint } of wanted)
      if (endpoint && this.peers.get(publicKey)?.wroteEndpoint === undefined) this.#table.note(publicKey, { wroteEndpoint: endpoint });
  }

  /** Notes operations that the device acknowledged. */
  acknowledgePeers(done: readonly PeerOp[]): void {
    for (const op of done) {
      this.#table.apply(op);
      if (op.kind === "remove-peer") this.peerOwners.set(op.publicKey, undefined);
    }
  }

  /** Notes operations that the kernel acknowledged. */
  acknowledgeRouting(done: readonly RoutingOp[]): void {
    for (const op of done) {
      if (op.kind === "replace-route") this.#routes.set(routeKey(op.route), op.route);
      if (op.kind === "add-rule") this.#rules.set(ruleKey(op.rule), op.rule);
      if (op.kind === "delete-rule") this.#rules.delete(ruleKey(op.rule));
      if (op.kind !== "delete-route") continue;
      this.#routes.delete(routeKey(op.route));
      this.routeOwners.set(routeKey(op.route), undefined);
    }
  }
}

function pick<K, V>(map: ReadonlyMap<K, V>, keys: Iterable<K>): Map<K, V> {
  const picked = new Map<K, V>();
  for (const key of keys) {
    const value = map.get(key);
    if (value !== undefined) picked.set(key, value);
  }
  return picked;
}
