import type { Log } from "../daemon/log.ts";
import type { MeshObject, ObjectKey } from "../objects/mesh-object.ts";
import type { ObjectChange, ObjectSource, SourceHealth, SourceSink } from "./source.ts";

/** Follows one cluster's source at a time; when another takes over, what it no longer has is deleted once it synced. */
export class ClusterFeed {
  readonly #sink: Pick<SourceSink, "changed" | "synced">;
  readonly #log: Log;
  /** Everything delivered so far, so that a cluster that is admitted later can be given its objects again. */
  readonly objects = new Map<ObjectKey, MeshObject>();
  #stop = new AbortController();
  health: SourceHealth = { problems: [] };
  synced = false;
  /** What the source was opened with; a change means another source. */
  origin: string | undefined;

  constructor(sink: Pick<SourceSink, "changed" | "synced">, log: Log) {
    this.#sink = sink;
    this.#log = log;
  }

  /** Runs `source` until it is replaced, stopped, or `signal` aborts. */
  async follow(source: ObjectSource, signal: AbortSignal, origin?: string): Promise<void> {
    this.stop();
    const stop = new AbortController();
    this.#stop = stop;
    this.origin = origin;
    const unseen = new Set(this.objects.keys());
    await source.run(
      {
        changed: (changes) => stop.signal.aborted || this.#deliver(changes, unseen),
        synced: () => stop.signal.aborted || this.#finish(unseen),
        health: (health) => stop.signal.aborted || this.#note(source.description, health),
      },
      AbortSignal.any([signal, stop.signal]),
    );
  }

  stop(): void {
    this.#stop.abort();
    this.origin = undefined;
  }

  #deliver(changes: readonly ObjectChange[], unseen: Set<ObjectKey>): void {
    for (const { key, object } of changes) {
      unseen.delete(key);
      if (object) this.objects.set(key, object);
      else this.objects.delete(key);
    }
    this.#sink.changed(changes);
  }

  #finish(unseen: ReadonlySet<ObjectKey>): void {
    const gone = [...unseen].map((key) => ({ key }));
    if (gone.length > 0) this.#deliver(gone, new Set());
    this.synced = true;
    this.#sink.synced();
  }

  #note(description: string, health: SourceHealth): void {
    const before = new Set(this.health.problems.map((problem) => JSON.stringify(problem)));
    this.health = health;
    for (const problem of health.problems)
      if (!before.has(JSON.stringify(problem))) this.#log.warn({ source: description, ...problem }, "kept the last good state");
    if (health.problems.length === 0 && before.size > 0) this.#log.info({ source: description }, "all manifests are good again");
  }
}
