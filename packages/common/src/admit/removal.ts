import type { Address } from "../net/address.ts";
import { containsAddress } from "../net/overlap.ts";
import { reachedPrefixes } from "./clusters.ts";
import type { ClusterView } from "./view.ts";

/** How long after its start a daemon waits for silent sources before it removes anything. */
export const REMOVAL_GRACE_MS = 30_000;

/**
 * Tells whether state for `address` that is no longer wanted may be removed. While every source is synced: yes.
 * Until the grace is over: nothing. After it: what lies outside the pins of every cluster that is still silent.
 */
export function removalGate(clusters: Iterable<ClusterView>, sinceStartMs: number): (address: Address) => boolean {
  const all = [...clusters];
  const silent = all.filter(({ synced }) => !synced);
  // Without the local cluster nothing is known yet of which remote ones there are.
  if (!all.some(({ local, synced }) => local && synced)) return () => false;
  if (silent.length === 0) return () => true;
  if (sinceStartMs < REMOVAL_GRACE_MS) return () => false;
  const kept = silent.flatMap(({ config }) => reachedPrefixes(config));
  return (address) => !kept.some((prefix) => containsAddress(prefix, address));
}
