import type { MeshView } from "../admit/view.ts";
import { conditionsOf } from "../daemon/status.ts";
import type { Clock } from "../loop/clock.ts";
import type { SourceHealth } from "./source.ts";

/** The part of a `MeshFeed` that tells how far it is. */
export interface Progress {
  readonly state: Pick<MeshView, "clusters">;
  notReady(): readonly string[];
  health(): ReadonlyMap<string, SourceHealth>;
  /** Calls `listener` whenever any of these may have changed. */
  onTouched(listener: () => void): void;
}

export interface Patience {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly patienceMs: number;
}

/** Waits until the local cluster is known and read, or the daemon ends. */
export async function untilReady(feed: Pick<Progress, "notReady" | "onTouched">, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => {
    if (signal.aborted || feed.notReady().length === 0) resolve();
  };
  feed.onTouched(look);
  signal.addEventListener("abort", look);
  look();
  await promise;
}

/** Waits until every source has delivered its first list; returns the reasons why not, when patience or the daemon ends. */
export async function untilSynced(feed: Progress, { clock, signal, patienceMs }: Patience): Promise<readonly string[]> {
  const deadline = clock.now() + patienceMs;
  let news = new AbortController();
  feed.onTouched(() => news.abort());
  for (;;) {
    news = new AbortController();
    const silent = [...feed.state.clusters.values()].filter(({ synced }) => !synced).map(({ name }) => `the source of ${name} is not read`);
    const reasons = [...feed.notReady(), ...silent];
    if (reasons.length === 0) return [];
    const leftMs = deadline - clock.now();
    if (leftMs <= 0 || signal.aborted) return [...reasons, ...conditionsOf([], feed.health()).map(({ message }) => message)];
    await clock.sleep(leftMs, AbortSignal.any([signal, news.signal]));
  }
}
