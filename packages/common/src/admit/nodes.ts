import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import { addressFrom, familyOf } from "../net/address.ts";
import type { Address } from "../net/address.ts";
import { prefixOf, rangeOf } from "../net/prefix.ts";
import type { Prefix } from "../net/prefix.ts";
import { translate } from "../net/translate.ts";
import { isDeepEqual } from "./equal.ts";
import { Holdings } from "./holdings.ts";
import { Quota } from "./quota.ts";
import type { Refusal, RefusalReason } from "./refusal.ts";
import type { NodeView } from "./view.ts";

/** What a change of published nodes came to. */
export interface NodeChanges {
  /** Nodes whose view is another: as it was, and as it is. */
  readonly nodes: readonly { readonly name: string; readonly before: NodeView | undefined; readonly after: NodeView | undefined }[];
  /** Subnets, as published, behind which another node is. */
  readonly subnets: ReadonlySet<Prefix>;
}

/**
 * The nodes of one cluster after admission: at most `limit` of them, the first by name; subnets inside the pins only,
 * each with one node. Of two nodes with an equal subnet the one in force keeps it; at a cold start the first by name.
 * Nested subnets are allowed: the longest prefix wins in routes and AllowedIPs alike.
 *
 * A change costs what it changes, and the outcome is that of looking at all nodes.
 */
export class AdmittedNodes {
  /** By node name. */
  readonly views = new Map<string, NodeView>();
  readonly #cluster: MeshCluster;
  readonly #limit: number;
  readonly #quota: Quota<string>;
  readonly #holdings: Holdings;
  /** Within the limit, as published when last looked at. */
  readonly #kept = new Map<string, MeshNode>();
  readonly #refusals = new Map<string, readonly Refusal[]>();

  constructor(cluster: MeshCluster, limit: number = cluster.limits.nodes) {
    this.#cluster = cluster;
    this.#limit = limit;
    this.#quota = new Quota(limit);
    this.#holdings = new Holdings(cluster);
  }

  /** The node behind which a published address is: that of the longest admitted subnet around it. */
  behind(address: Address): string | undefined {
    return this.#holdings.holderOf(address);
  }

  /** The node with this node IP; of several the first by name. */
  withIP(ip: Address): NodeView | undefined {
    return this.views.get(this.#holdings.nodeWithIP(ip) ?? "");
  }

  /** Every refusal in force, by node name. */
  refusals(): Refusal[] {
    return [...this.#refusals].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, refusals]) => refusals);
  }

  /**
   * Takes what these nodes publish now; changes that come together count together.
   *
   * @param names nodes that appeared, changed or are gone
   * @param published all nodes of the cluster
   * @param inForce views of a former admission, when this is the first: who held a subnet and claims it keeps it
   */
  update(names: Iterable<string>, published: ReadonlyMap<string, MeshNode>, inForce?: ReadonlyMap<string, NodeView>): NodeChanges {
    const concerned = new Set<string>();
    for (const name of names) for (const one of this.#quota.ask(name, published.has(name) ? 1 : 0)) concerned.add(one);
    const claims = [...concerned].map((name) => this.#keep(name, published.get(name)));
    const { nodes, subnets } = this.#holdings.update(claims, inForce && keepersOf(this.#cluster, published, inForce));
    return { subnets, nodes: [...concerned.union(nodes)].flatMap((name) => this.#admit(name, published.get(name))) };
  }

  /** Takes a node in or out, as the limit says. */
  #keep(name: string, published: MeshNode | undefined) {
    const was = this.#kept.get(name);
    const is = this.#quota.grant(name) > 0 ? published : undefined;
    if (is) this.#kept.set(name, is);
    else this.#kept.delete(name);
    return { name, was, is };
  }

  #admit(name: string, published: MeshNode | undefined): NodeChanges["nodes"] {
    const before = this.views.get(name);
    const refusals: Refusal[] = [];
    const refuse: Refuse = (reason, detail) => void refusals.push({ cluster: this.#cluster.name, object: `MeshNode ${name}`, reason, detail });
    const kept = this.#kept.get(name);
    if (published && !kept) refuse("OverLimit", `limits.nodes is ${this.#limit}`);
    const after = kept && admitNode(this.#cluster, kept, this.#holdings, refuse);
    if (refusals.length > 0) this.#refusals.set(name, refusals);
    else this.#refusals.delete(name);
    if (isDeepEqual(before, after)) return [];
    if (after) this.views.set(name, after);
    else this.views.delete(name);
    return [{ name, before, after }];
  }
}

type Refuse = (reason: RefusalReason, detail: string) => void;

function admitNode(cluster: MeshCluster, node: MeshNode, holdings: Holdings, refuse: Refuse): NodeView {
  const own = [...new Set(node.subnets)].filter((subnet) => {
    const owner = holdings.ownerOf(subnet);
    if (owner === undefined) refuse("OutsidePins", `subnet ${subnet} is in no podCIDR of ${cluster.name}`);
    else if (owner !== node.name) refuse("Overlap", `subnet ${subnet} is held by node ${owner}`);
    return owner === node.name;
  });
  const inside = [...new Set(node.addresses)].filter((address) => {
    const holder = holdings.holderOf(address);
    if (holder === undefined) refuse("OutsidePins", `address ${address} is in none of the node's admitted subnets`);
    else if (holder !== node.name) refuse("Overlap", `address ${address} is behind node ${holder}`);
    return holder === node.name;
  });
  const addresses = inside.filter((address, i) => inside.findIndex((other) => familyOf(other) === familyOf(address)) === i);
  return {
    cluster: cluster.name,
    name: node.name,
    subnets: own.flatMap((subnet) => mapSubnet(cluster, subnet) ?? []),
    addresses: addresses.flatMap((address) => translate(address, cluster.podCIDRs) ?? []),
    nodeIPs: [...new Set(node.nodeIPs)],
    tunnels: node.tunnels,
    ...(node.gateway === undefined ? {} : { gateway: node.gateway }),
    mtu: node.mtu,
  };
}

/** Who holds which subnet, as published, of those that still claim what they held. */
function keepersOf(cluster: MeshCluster, published: ReadonlyMap<string, MeshNode>, inForce: ReadonlyMap<string, NodeView>): Map<Prefix, string> {
  const keepers = new Map<Prefix, string>();
  for (const { name, subnets } of [...published.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    for (const subnet of subnets) {
      const mapped = mapSubnet(cluster, subnet);
      if (mapped !== undefined && !keepers.has(subnet) && inForce.get(name)?.subnets.includes(mapped)) keepers.set(subnet, name);
    }
  return keepers;
}

/** The subnet as we reach it. */
function mapSubnet({ podCIDRs }: MeshCluster, subnet: Prefix): Prefix | undefined {
  const { family, length, first } = rangeOf(subnet);
  const moved = translate(addressFrom(family, first), podCIDRs);
  return moved === undefined ? undefined : prefixOf(moved, length);
}
