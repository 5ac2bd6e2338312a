import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import { overlaps } from "../net/overlap.ts";
import type { Prefix } from "../net/prefix.ts";
import type { Refusal } from "./refusal.ts";

export interface ClusterAdmission {
  readonly admitted: ReadonlyMap<string, MeshCluster>;
  readonly refusals: readonly Refusal[];
}

/** Every prefix of a cluster under which we reach it. */
export function reachedPrefixes({ podCIDRs, serviceCIDRs }: MeshCluster): Prefix[] {
  return [...podCIDRs, ...serviceCIDRs].map(({ as }) => as);
}

/**
 * Decides which clusters may be in force together: no prefix of one overlaps a prefix of another, and no domain
 * lies inside another. The local cluster is always admitted. Of two remote ones that collide the one in force stays;
 * at a cold start the first by name wins. The order of `clusters` does not matter.
 *
 * @param inForce the last admission
 */
export function admitClusters(
  localName: string,
  clusters: Iterable<MeshCluster>,
  inForce: ReadonlyMap<string, MeshCluster>,
): ClusterAdmission {
  const rank = (cluster: MeshCluster): number =>
    cluster.name === localName ? 0 : sameClaims(cluster, inForce.get(cluster.name)) ? 1 : 2;
  const ordered = [...clusters].toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  const admitted = new Map<string, MeshCluster>();
  const refusals: Refusal[] = [];
  for (const cluster of ordered) {
    const detail = cluster.name === localName ? undefined : collision(cluster, admitted.values());
    if (detail === undefined) admitted.set(cluster.name, cluster);
    else refusals.push({ cluster: cluster.name, object: `MeshCluster ${cluster.name}`, reason: "Overlap", detail });
  }
  return { admitted, refusals };
}

function collision(cluster: MeshCluster, others: Iterable<MeshCluster>): string | undefined {
  const own = reachedPrefixes(cluster);
  for (const [i, a] of own.entries())
    for (const b of own.slice(i + 1)) if (overlaps(a, b)) return `its own prefixes ${a} and ${b} overlap`;
  for (const other of others) {
    const theirs = [...reachedPrefixes(other), ...other.podCIDRs.map(({ cidr }) => cidr)];
    const hit = own.flatMap((a) => theirs.filter((b) => overlaps(a, b)).map((b) => [a, b] as const))[0];
    if (hit) return `${hit[0]} overlaps ${hit[1]} of ${other.name}; map it with \`as\` to a free prefix`;
    const domains = domainCollision(cluster, other);
    if (domains) return domains;
  }
  return undefined;
}

function domainCollision(a: MeshCluster, b: MeshCluster): string | undefined {
  const nested = (inner: string, outer: string): boolean => inner === outer || inner.endsWith(`.${outer}`);
  return nested(a.domain, b.domain) || nested(b.domain, a.domain)
    ? `its domain ${a.domain} collides with ${b.domain} of ${b.name}`
    : undefined;
}

function sameClaims(a: MeshCluster, b: MeshCluster | undefined): boolean {
  return b !== undefined && a.domain === b.domain && reachedPrefixes(a).join() === reachedPrefixes(b).join();
}
