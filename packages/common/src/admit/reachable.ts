import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import { familyOf } from "../net/address.ts";
import type { Address } from "../net/address.ts";
import { translate } from "../net/translate.ts";
import { AddressIndex } from "./address-index.ts";
import { NameIndex } from "./name-index.ts";
import type { AdmittedNodes, NodeChanges } from "./nodes.ts";
import type { NodeView } from "./view.ts";

/** Where an endpoint is reached from here. */
export interface Reached {
  readonly address: Address;
  /** Name of the mesh node that it is behind. */
  readonly node: string | undefined;
}

/** Answers where an endpoint's published address is reached, which may be said to be on a node. */
export type Reach = (address: Address, nodeName: string | undefined) => Reached | undefined;

/** How the local cluster's own endpoints are reached. */
export const asPublished: Reach = (address, node) => ({ address, node });

/** What the answers that somebody got depend on. */
interface Grounds {
  /** Whether nodes of these names are in the mesh. */
  readonly names: string[];
  /** Which node has these node IPs. */
  readonly nodeIPs: Address[];
  /** Behind which node these are. */
  readonly addresses: Address[];
}

/**
 * Answers, for one cluster, how endpoints are reached from here, and remembers who asked what: so that after a change of
 * nodes it can tell who has to ask again, at the cost of those who have to.
 */
export class ReachMap<Asker extends string> {
  readonly #pins: MeshCluster["podCIDRs"];
  readonly #nodes: AdmittedNodes;
  readonly #grounds = new Map<Asker, Grounds>();
  readonly #byName = new NameIndex<string, Asker>();
  readonly #byNodeIP = new NameIndex<Address, Asker>();
  readonly #byAddress = new AddressIndex<Asker>();

  constructor({ podCIDRs }: MeshCluster, nodes: AdmittedNodes) {
    this.#pins = podCIDRs;
    this.#nodes = nodes;
  }

  /**
   * Inside the pins: the mapped pod address. A node IP (host network): that node's own address in the mesh, since
   * node IPs are not routed between clusters. Anything else: `undefined`.
   */
  askedBy(asker: Asker): Reach {
    const grounds: Grounds = { names: [], nodeIPs: [], addresses: [] };
    this.forget(asker);
    this.#grounds.set(asker, grounds);
    return (address, nodeName) => {
      const mapped = translate(address, this.#pins);
      if (mapped === undefined) {
        if (this.#byNodeIP.add(address, asker)) grounds.nodeIPs.push(address);
        return reachOnHost(this.#nodes.withIP(address), address);
      }
      if (nodeName !== undefined && this.#byName.add(nodeName, asker)) grounds.names.push(nodeName);
      if (nodeName !== undefined && this.#nodes.views.has(nodeName)) return { address: mapped, node: nodeName };
      if (this.#byAddress.add(address, asker)) grounds.addresses.push(address);
      return { address: mapped, node: this.#nodes.behind(address) };
    };
  }

  /** What `asker` was told does not matter any more. */
  forget(asker: Asker): void {
    const grounds = this.#grounds.get(asker);
    for (const name of grounds?.names ?? []) this.#byName.delete(name, asker);
    for (const ip of grounds?.nodeIPs ?? []) this.#byNodeIP.delete(ip, asker);
    for (const address of grounds?.addresses ?? []) this.#byAddress.delete(address, asker);
    this.#grounds.delete(asker);
  }

  /** Who was told something that may be different now. */
  concernedBy({ nodes, subnets }: NodeChanges): Set<Asker> {
    const concerned = new Set<Asker>();
    const add = (askers: Iterable<Asker>): void => {
      for (const asker of askers) concerned.add(asker);
    };
    for (const { name, before, after } of nodes) {
      if (!before || !after) add(this.#byName.of(name));
      if (hostOf(before) === hostOf(after)) continue;
      for (const ip of [...(before?.nodeIPs ?? []), ...(after?.nodeIPs ?? [])]) add(this.#byNodeIP.of(ip));
    }
    for (const subnet of subnets) add(this.#byAddress.within(subnet));
    return concerned;
  }
}

function reachOnHost(node: NodeView | undefined, ip: Address): Reached | undefined {
  const own = node?.addresses.find((candidate) => familyOf(candidate) === familyOf(ip));
  return node && own ? { address: own, node: node.name } : undefined;
}

/** What of a node decides how its node IPs are reached. */
const hostOf = (node: NodeView | undefined): string => (node ? [node.addresses, node.nodeIPs].join(";") : "");
