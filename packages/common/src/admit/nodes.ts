import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import { addressFrom, familyOf } from "../net/address.ts";
import { containsPrefix } from "../net/overlap.ts";
import { PrefixMap } from "../net/prefix-map.ts";
import { prefixOf, rangeOf } from "../net/prefix.ts";
import type { Prefix } from "../net/prefix.ts";
import { translate } from "../net/translate.ts";
import type { Refusal, RefusalReason } from "./refusal.ts";
import type { NodeView } from "./view.ts";

export interface NodeAdmission {
  /** By node name. */
  readonly admitted: ReadonlyMap<string, NodeView>;
  readonly refusals: readonly Refusal[];
}

/**
 * Admits the nodes of one cluster: at most `limit` of them, subnets inside the pins only, each subnet with
 * one node. Of two nodes with an equal subnet the one in force keeps it; at a cold start the first by name.
 * Nested subnets are allowed: the longest prefix wins in routes and AllowedIPs alike.
 *
 * @param inForce the last admission of this cluster, by node name
 */
export function admitNodes(
  cluster: MeshCluster,
  nodes: Iterable<MeshNode>,
  { inForce, limit = cluster.limits.nodes }: { readonly inForce: ReadonlyMap<string, NodeView>; readonly limit?: number },
): NodeAdmission {
  const ordered = [...nodes].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const refusals: Refusal[] = ordered.slice(limit).map((node) => ({
    cluster: cluster.name,
    object: `MeshNode ${node.name}`,
    reason: "OverLimit",
    detail: `limits.nodes is ${limit}`,
  }));
  const kept = ordered.slice(0, limit);
  const owners = subnetOwners(cluster, kept, inForce);
  const holders = new PrefixMap(owners);
  const admitted = new Map(kept.map((node) => [node.name, admitNode(cluster, node, { owners, holders, refusals })]));
  return { admitted, refusals };
}

/** Who holds each pinned subnet: whoever held it before and still claims it, else the first claimant. */
function subnetOwners(
  cluster: MeshCluster,
  nodes: readonly MeshNode[],
  inForce: ReadonlyMap<string, NodeView>,
): ReadonlyMap<Prefix, string> {
  const owners = new Map<Prefix, string>();
  const held = (name: string, subnet: Prefix): boolean =>
    inForce.get(name)?.subnets.includes(mapSubnet(cluster, subnet) ?? subnet) ?? false;
  for (const keepers of [true, false])
    for (const { name, subnets } of nodes)
      for (const subnet of subnets)
        if (!owners.has(subnet) && isPinned(cluster, subnet) && held(name, subnet) === keepers) owners.set(subnet, name);
  return owners;
}

interface Claims {
  readonly owners: ReadonlyMap<Prefix, string>;
  /** The same by longest match: behind which node an address is. */
  readonly holders: PrefixMap<string>;
  readonly refusals: Refusal[];
}

function admitNode(cluster: MeshCluster, node: MeshNode, { owners, holders, refusals }: Claims): NodeView {
  const refuse = (reason: RefusalReason, detail: string): void =>
    void refusals.push({ cluster: cluster.name, object: `MeshNode ${node.name}`, reason, detail });
  const own = [...new Set(node.subnets)].filter((subnet) => {
    const owner = owners.get(subnet);
    if (owner === undefined) refuse("OutsidePins", `subnet ${subnet} is in no podCIDR of ${cluster.name}`);
    else if (owner !== node.name) refuse("Overlap", `subnet ${subnet} is held by node ${owner}`);
    return owner === node.name;
  });
  const inside = [...new Set(node.addresses)].filter((address) => {
    const holder = holders.match(address);
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

const isPinned = ({ podCIDRs }: MeshCluster, subnet: Prefix): boolean => podCIDRs.some(({ cidr }) => containsPrefix(cidr, subnet));

/** The subnet as we reach it. */
function mapSubnet({ podCIDRs }: MeshCluster, subnet: Prefix): Prefix | undefined {
  const { family, length, first } = rangeOf(subnet);
  const moved = translate(addressFrom(family, first), podCIDRs);
  return moved === undefined ? undefined : prefixOf(moved, length);
}
