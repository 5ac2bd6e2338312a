import type { Address } from "../net/address.ts";
import { PrefixMap } from "../net/prefix-map.ts";
import type { Prefix } from "../net/prefix.ts";
import type { EndpointSlice } from "../objects/endpoint-slice.ts";
import type { EndpointView, NodeView } from "./view.ts";

/** Nodes that appeared, moved or are gone: what of the Services that may change. */
export class NodeMoves {
  readonly #names = new Set<string>();
  readonly #nodeIPs = new Set<Address>();
  readonly #subnets = new Set<Prefix>();
  #bySubnet: PrefixMap<true> | undefined;

  get any(): boolean {
    return this.#names.size > 0;
  }

  /** Notes a node before and after; one that did not move (its key or MTU changed) concerns no Service. */
  add(name: string, before: NodeView | undefined, after: NodeView | undefined): void {
    if (placement(before) === placement(after)) return;
    this.#names.add(name);
    for (const { nodeIPs, subnets } of [before, after].filter((node) => node !== undefined)) {
      for (const ip of nodeIPs) this.#nodeIPs.add(ip);
      for (const subnet of subnets) this.#subnets.add(subnet);
    }
    this.#bySubnet = undefined;
  }

  /**
   * True when an endpoint is published as on one of the nodes, as one of their IPs, or lies in a subnet of one of them
   * while it is not said to be on a node of the mesh (`isNode`).
   */
  concern(admitted: readonly EndpointView[], published: readonly EndpointSlice[], isNode: (name: string) => boolean): boolean {
    const endpoints = published.flatMap((slice) => slice.endpoints);
    for (const { nodeName = "", addresses } of endpoints)
      if (this.#names.has(nodeName) || addresses.some((ip) => this.#nodeIPs.has(ip))) return true;
    if (endpoints.every(({ nodeName }) => nodeName !== undefined && isNode(nodeName))) return false;
    const bySubnet = (this.#bySubnet ??= new PrefixMap([...this.#subnets].map((subnet) => [subnet, true])));
    return admitted.some(({ address }) => bySubnet.match(address));
  }
}

/** What of a node decides how endpoints on it are reached. */
function placement(node: NodeView | undefined): string {
  return node ? [node.subnets, node.addresses, node.nodeIPs].join(";") : "";
}
