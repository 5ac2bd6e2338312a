import type { MeshView } from "@sdn-tunnel/common/admit/view";
import type { Refusal } from "@sdn-tunnel/common/admit/refusal";
import type { SourceHealth } from "@sdn-tunnel/common/sources/source";
import type { DiscoveryMetrics } from "./metrics.ts";

/** Where the objects come from, as far as metrics show it. */
export interface SourceFacts {
  readonly state: MeshView;
  health(): ReadonlyMap<string, SourceHealth>;
  refusals(): Iterable<Refusal>;
}

/** Sets the gauges that tell how the clusters and their sources stand. */
export function refreshSourceMetrics(
  { clusterSynced, clusterDead, staleSeconds, refusals }: DiscoveryMetrics,
  source: SourceFacts,
  { now, isDead }: { now: number; isDead: (cluster: string) => boolean },
): void {
  for (const gauge of [clusterSynced, clusterDead, staleSeconds, refusals]) gauge.reset();
  for (const { name, synced } of source.state.clusters.values()) {
    clusterSynced.set(synced ? 1 : 0, { cluster: name });
    clusterDead.set(isDead(name) ? 1 : 0, { cluster: name });
  }
  for (const [cluster, { staleSince }] of source.health())
    staleSeconds.set(staleSince === undefined ? 0 : (now - staleSince) / 1000, { cluster });
  const counts = Map.groupBy(source.refusals(), ({ cluster, reason }) => `${cluster} ${reason}`);
  for (const group of counts.values()) {
    const [{ cluster, reason }] = group as [Refusal];
    refusals.set(group.length, { cluster, reason });
  }
}
