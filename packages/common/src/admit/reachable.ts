import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import { familyOf } from "../net/address.ts";
import type { Address } from "../net/address.ts";
import { PrefixMap } from "../net/prefix-map.ts";
import { translate } from "../net/translate.ts";
import type { NodeView } from "./view.ts";

/** Where an endpoint is reached from here. */
export interface Reached {
  readonly address: Address;
  /** Name of the mesh node that it is behind. */
  readonly node: string | undefined;
}

/** Answers, for one cluster, how an endpoint's published address is reached from here. Built once per change of nodes. */
export class ReachMap {
  readonly #cluster: MeshCluster;
  readonly #nodes: ReadonlyMap<string, NodeView>;
  readonly #bySubnet: PrefixMap<string>;
  readonly #byNodeIP = new Map<Address, NodeView>();

  constructor(cluster: MeshCluster, nodes: ReadonlyMap<string, NodeView>) {
    this.#cluster = cluster;
    this.#nodes = nodes;
    this.#bySubnet = new PrefixMap([...nodes.values()].flatMap(({ subnets, name }) => subnets.map((s) => [s, name])));
    for (const node of nodes.values())
      for (const ip of node.nodeIPs) if (!this.#byNodeIP.has(ip)) this.#byNodeIP.set(ip, node);
  }

  /**
   * Inside the pins: the mapped pod address. A node IP (host network): that node's own address in the mesh, since
   * node IPs are not routed between clusters. Anything else: `undefined`.
   */
  reach(address: Address, nodeName: string | undefined): Reached | undefined {
    const mapped = translate(address, this.#cluster.podCIDRs);
    if (mapped !== undefined) {
      const known = nodeName !== undefined && this.#nodes.has(nodeName);
      return { address: mapped, node: known ? nodeName : this.#bySubnet.match(mapped) };
    }
    const node = this.#byNodeIP.get(address);
    const own = node?.addresses.find((candidate) => familyOf(candidate) === familyOf(address));
    return node && own ? { address: own, node: node.name } : undefined;
  }
}
