import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import { overlaps } from "../net/overlap.ts";
import type { Prefix } from "../net/prefix.ts";
import type { Mapping } from "../net/translate.ts";
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
 * lies inside another. The local cluster is always admitted. Of two remote ones that collide the one in force stays,
 * also when it has changed; at a cold start the first by name wins. The order of `clusters` does not matter.
 *
 * @param inForce the last admission
 */
export function admitClusters(
  localName: string,
  clusters: Iterable<MeshCluster>,
  inForce: ReadonlyMap<string, MeshCluster>,
): ClusterAdmission {
  const rank = (cluster: MeshCluster): number => {
    if (cluster.name === localName) return 0;
    const before = inForce.get(cluster.name);
    if (before === undefined) return 3;
    return sameClaims(cluster, before) ? 1 : 2;
  };
  const seen = [...clusters].map((cluster) => (cluster.name === localName ? asLocal(cluster) : cluster));
  const ordered = seen.toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  const admitted = new Map<string, MeshCluster>();
  const refusals: Refusal[] = [];
  for (const cluster of ordered) {
    const detail = cluster.name === localName ? undefined : collision(cluster, admitted.values(), localName);
    if (detail === undefined) admitted.set(cluster.name, cluster);
    else refusals.push({ cluster: cluster.name, object: `MeshCluster ${cluster.name}`, reason: "Overlap", detail });
  }
  return { admitted, refusals };
}

function collision(cluster: MeshCluster, others: Iterable<MeshCluster>, localName: string): string | undefined {
  for (const other of others) {
    const found = prefixCollision(cluster, other) ?? domainCollision(cluster, other, other.name === localName);
    if (found !== undefined) return found;
  }
  return undefined;
}

function prefixCollision(cluster: MeshCluster, other: MeshCluster): string | undefined {
  const theirs = reachedPrefixes(other);
  for (const own of reachedPrefixes(cluster)) {
    const hit = theirs.find((their) => overlaps(own, their));
    if (hit !== undefined) return `${own} overlaps ${hit} of ${other.name}; map it with \`as\` to a free prefix`;
  }
  return undefined;
}

/** Of the local cluster also the name that it has for itself is taken. */
function domainCollision(cluster: MeshCluster, other: MeshCluster, local: boolean): string | undefined {
  const taken = local ? [other.domain, other.localDomain] : [other.domain];
  const hit = taken.find((domain) => isWithin(cluster.domain, domain) || isWithin(domain, cluster.domain));
  return hit === undefined ? undefined : `its domain ${cluster.domain} collides with ${hit} of ${other.name}`;
}

const isWithin = (inner: string, outer: string): boolean => inner === outer || inner.endsWith(`.${outer}`);

const sameClaims = (a: MeshCluster, b: MeshCluster): boolean =>
  a.domain === b.domain && reachedPrefixes(a).join() === reachedPrefixes(b).join();

/** The local cluster is reached by the prefixes that it has; `as` on its own entry is for the others. */
function asLocal(cluster: MeshCluster): MeshCluster {
  return { ...cluster, podCIDRs: cluster.podCIDRs.map(unmapped), serviceCIDRs: cluster.serviceCIDRs.map(unmapped) };
}

const unmapped = ({ cidr }: Mapping): Mapping => ({ cidr, as: cidr });
