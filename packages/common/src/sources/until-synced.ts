import type { MeshView } from "../admit/view.ts";
import { conditionsOf } from "../daemon/status.ts";
import type { Clock } from "../loop/clock.ts";
import type { SourceHealth } from "./source.ts";

/** The part of a `MeshFeed` that tells how far it is. */
export interface Progress {
  readonly state: Pick<MeshView, "clusters">;
  notReady(): readonly string[];
  health(): ReadonlyMap<string, SourceHealth>;
}

export interface Patience {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly patienceMs: number;
}

/** Waits until every source has delivered its first list; returns the reasons why not, when patience or the daemon ends. */
export async function untilSynced(feed: Progress, { clock, signal, patienceMs }: Patience): Promise<readonly string[]> {
  const deadline = clock.now() + patienceMs;
  for (;;) {
    const silent = [...feed.state.clusters.values()].filter(({ synced }) => !synced).map(({ name }) => `the source of ${name} is not read`);
    const reasons = [...feed.notReady(), ...silent];
    if (reasons.length === 0) return [];
    if (clock.now() >= deadline || signal.aborted) return [...reasons, ...conditionsOf([], feed.health()).map(({ message }) => message)];
    await clock.sleep(10, signal);
  }
}
