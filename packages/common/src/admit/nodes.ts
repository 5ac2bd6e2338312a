import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import { familyOf } from "../net/address.ts";
import { containsAddress, containsPrefix } from "../net/overlap.ts";
import { prefixOf } from "../net/prefix.ts";
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
 * Admits the nodes of one cluster: at most `limits.nodes` of them, subnets inside the pins only, each subnet with
 * one node. Of two nodes with an equal subnet the one in force keeps it; at a cold start the first by name.
 * Nested subnets are allowed: the longest prefix wins in routes and AllowedIPs alike.
 *
 * @param inForce the last admission of this cluster, by node name
 */
export function admitNodes(
  cluster: MeshCluster,
  nodes: Iterable<MeshNode>,
  inForce: ReadonlyMap<string, NodeView>,
): NodeAdmission {
  const ordered = [...nodes].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const limit = cluster.limits.nodes;
  const refusals: Refusal[] = ordered.slice(limit).map((node) => ({
    cluster: cluster.name,
    object: `MeshNode ${node.name}`,
    reason: "OverLimit",
    detail: `limits.nodes is ${limit}`,
  }));
  const kept = ordered.slice(0, limit);
  const owners = subnetOwners(cluster, kept, inForce);
  const admitted = new Map(kept.map((node) => [node.name, admitNode(cluster, node, owners, refusals)]));
  return { admitted, refusals };
}

/** Who holds each subnet: whoever held it before and still claims it, else the first claimant. */
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
        if (!owners.has(subnet) && held(name, subnet) === keepers) owners.set(subnet, name);
  return owners;
}

function admitNode(
  cluster: MeshCluster,
  node: MeshNode,
  owners: ReadonlyMap<Prefix, string>,
  refusals: Refusal[],
): NodeView {
  const refuse = (reason: RefusalReason, detail: string): void =>
    void refusals.push({ cluster: cluster.name, object: `MeshNode ${node.name}`, reason, detail });
  const own = node.subnets.filter((subnet) => {
    const pinned = cluster.podCIDRs.some(({ cidr }) => containsPrefix(cidr, subnet));
    const owner = owners.get(subnet);
    if (!pinned) refuse("OutsidePins", `subnet ${subnet} is in no podCIDR of ${cluster.name}`);
    else if (owner !== node.name) refuse("Overlap", `subnet ${subnet} is held by node ${owner}`);
    return pinned && owner === node.name;
  });
  const addresses = node.addresses.filter((address, i, all) => {
    const inside = own.some((subnet) => containsAddress(subnet, address));
    if (!inside) refuse("OutsidePins", `address ${address} is in none of the node's admitted subnets`);
    return inside && all.findIndex((other) => familyOf(other) === familyOf(address)) === i;
  });
  return {
    cluster: cluster.name,
    name: node.name,
    subnets: own.flatMap((subnet) => mapSubnet(cluster, subnet) ?? []),
    addresses: addresses.flatMap((address) => translate(address, cluster.podCIDRs) ?? []),
    nodeIPs: node.nodeIPs,
    tunnels: node.tunnels,
    ...(node.gateway === undefined ? {} : { gateway: node.gateway }),
    mtu: node.mtu,
  };
}

/** The subnet as we reach it. */
function mapSubnet(cluster: MeshCluster, subnet: Prefix): Prefix | undefined {
  const [network = "", length] = subnet.split("/");
  const moved = translate(network as Parameters<typeof translate>[0], cluster.podCIDRs);
  return moved === undefined ? undefined : prefixOf(moved, Number(length));
}

