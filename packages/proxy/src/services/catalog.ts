import type { NodeKey, ServiceKey } from "@sdn-tunnel/common/admit/view";
import { Index } from "./inverse.ts";
import type { ServerKey, VirtualServer } from "./server.ts";

/** What every Service asks for, as last planned. */
export class Catalog {
  readonly #plans = new Map<ServiceKey, ReadonlyMap<ServerKey, VirtualServer>>();
  readonly #claims = new Index<ServiceKey, ServerKey>();
  readonly #nodes = new Index<ServiceKey, NodeKey>();
  #idle = 0;

  /** Servers that have no targets: their clients are refused. */
  get idle(): number {
    return this.#idle;
  }

  /**
   * Records what a Service asks for now, and the nodes that its endpoints are on.
   *
   * @returns every virtual server that it asked for before or asks for now
   */
  set(service: ServiceKey, plan: ReadonlyMap<ServerKey, VirtualServer>, nodes: Iterable<NodeKey>): Set<ServerKey> {
    const concerned = new Set([...(this.#plans.get(service)?.keys() ?? []), ...plan.keys()]);
    this.#idle += countIdle(plan) - countIdle(this.#plans.get(service));
    if (plan.size > 0) this.#plans.set(service, plan);
    else this.#plans.delete(service);
    this.#claims.set(service, plan.keys());
    this.#nodes.set(service, nodes);
    return concerned;
  }

  /**
   * The server that is in force. When two Services claim one socket, which happens while one replaces the other,
   * the first by key has it.
   */
  server(key: ServerKey): VirtualServer | undefined {
    const owner = this.claimants(key)[0];
    return owner === undefined ? undefined : this.#plans.get(owner)?.get(key);
  }

  claimants(key: ServerKey): ServiceKey[] {
    return [...this.#claims.of(key)].toSorted();
  }

  /** Services with an endpoint on that node: what its health concerns. */
  servicesOn(node: NodeKey): ReadonlySet<ServiceKey> {
    return this.#nodes.of(node);
  }

  services(): Iterable<ServiceKey> {
    return this.#plans.keys();
  }

  servers(): Iterable<ServerKey> {
    return this.#claims.values();
  }
}

function countIdle(plan: ReadonlyMap<ServerKey, VirtualServer> = new Map()): number {
  return plan.values().filter(({ targets }) => targets.length === 0).reduce((count) => count + 1, 0);
}
