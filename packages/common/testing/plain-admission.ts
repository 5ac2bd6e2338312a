import type { NodeView } from "../src/admit/view.ts";
import type { MeshCluster } from "../src/mesh/mesh-cluster.ts";
import type { MeshNode } from "../src/mesh/mesh-node.ts";
import { familyOf } from "../src/net/address.ts";
import type { Address } from "../src/net/address.ts";
import { containsAddress, containsPrefix } from "../src/net/overlap.ts";
import { prefixOf, rangeOf } from "../src/net/prefix.ts";
import type { Prefix } from "../src/net/prefix.ts";
import { translate } from "../src/net/translate.ts";

/** What of a node is decided by admission. */
export type Placement = Pick<NodeView, "subnets" | "addresses">;

const mapped = ({ podCIDRs }: MeshCluster, subnet: Prefix): Prefix | undefined => {
  const moved = translate(subnet.slice(0, subnet.indexOf("/")) as Address, podCIDRs);
  return moved === undefined ? undefined : prefixOf(moved, rangeOf(subnet).length);
};

/**
 * The rule by which nodes are admitted, said plainly: it looks at all nodes each time. What admission does change by
 * change must come to the same.
 *
 * @param inForce the nodes in force before
 */
export function admitPlainly(cluster: MeshCluster, nodes: readonly MeshNode[], inForce: ReadonlyMap<string, Placement>, limit = cluster.limits.nodes): Map<string, Placement> {
  const kept = nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit);
  const claims = kept.flatMap(({ name, subnets }) => subnets.map((subnet) => ({ name, subnet })));
  const pinned = claims.filter(({ subnet }) => cluster.podCIDRs.some(({ cidr }) => containsPrefix(cidr, subnet)));
  const isKeeper = ({ name, subnet }: (typeof pinned)[number]): boolean => inForce.get(name)?.subnets.includes(mapped(cluster, subnet) ?? subnet) ?? false;
  const owners = new Map<Prefix, string>();
  for (const claim of [...pinned.filter(isKeeper), ...pinned]) if (!owners.has(claim.subnet)) owners.set(claim.subnet, claim.name);
  const longest = (address: Address): string | undefined =>
    [...owners].filter(([subnet]) => containsAddress(subnet, address)).toSorted(([a], [b]) => rangeOf(b).length - rangeOf(a).length)[0]?.[1];
  return new Map(
    kept.map(({ name, subnets, addresses }) => {
      const own = addresses.filter((address) => longest(address) === name);
      return [
        name,
        {
          subnets: [...new Set(subnets)].filter((subnet) => owners.get(subnet) === name).flatMap((subnet) => mapped(cluster, subnet) ?? []),
          addresses: [4, 6].flatMap((family) => own.find((address) => familyOf(address) === family) ?? []).flatMap((address) => translate(address, cluster.podCIDRs) ?? []),
        },
      ];
    }),
  );
}
