import type { Address } from "../net/address.ts";
import { containsAddress, overlaps } from "../net/overlap.ts";
import { rangeOf } from "../net/prefix.ts";
import type { Prefix } from "../net/prefix.ts";
import { reachedPrefixes } from "./clusters.ts";
import type { Refusal } from "./refusal.ts";
import type { ClusterView } from "./view.ts";

/** What a node needs in order to stay reachable and to work; read from the node itself. */
export interface NodeNeeds {
  /** Prefixes of connected and static routes that are not ours, with what they are: `eth0`, `via 192.0.2.1`. */
  readonly prefixes: readonly { readonly prefix: Prefix; readonly what: string }[];
  /** Single addresses: next hops, resolvers, the API server, WireGuard endpoints, the node's own. */
  readonly addresses: readonly { readonly address: Address; readonly what: string }[];
}

/**
 * Refuses every remote cluster one of whose prefixes holds something that the node itself needs. A route, set or
 * AllowedIPs entry for such a prefix would take the node's own traffic away: with a `local` route this holds even
 * for more specific connected subnets, as soon as any `ip rule` exists.
 *
 * @returns at most one refusal per cluster, the first reason found; the default route is no reason
 */
export function refuseCutOffs(clusters: Iterable<ClusterView>, needs: NodeNeeds): Refusal[] {
  return [...clusters].flatMap(({ name, local, config }) => {
    if (local) return [];
    const detail = reachedPrefixes(config).map((prefix) => conflict(prefix, needs)).find((found) => found !== undefined);
    return detail === undefined ? [] : [{ cluster: name, object: `MeshCluster ${name}`, reason: "WouldCutOff" as const, detail }];
  });
}

/** Length of a default route's prefix, at most: a VPN splits it in two halves, so as to win over the one that is there. */
const DEFAULT_ROUTE = 1;

function conflict(prefix: Prefix, { prefixes, addresses }: NodeNeeds): string | undefined {
  const route = prefixes.find((need) => rangeOf(need.prefix).length > DEFAULT_ROUTE && overlaps(prefix, need.prefix));
  if (route) return `${prefix} overlaps ${route.prefix}, which this node needs (${route.what})`;
  const single = addresses.find((need) => containsAddress(prefix, need.address));
  return single && `${prefix} holds ${single.address}, which this node needs (${single.what})`;
}
