import type { Problem } from "../errors.ts";
import type { MeshObject, ObjectKey } from "../objects/mesh-object.ts";

/** One object that appeared or changed, or (`object` absent) is gone. */
export interface ObjectChange {
  readonly key: ObjectKey;
  readonly object?: MeshObject;
}

/** A document that could not be read; its last good state stays in force. */
export interface SourceProblem {
  /** The file, or the URL of a list. */
  readonly origin: string;
  /** Position of the document in its file, from 1; 0 when the whole file is meant. */
  readonly document: number;
  readonly problems: readonly Problem[];
}

/** How a source stands. */
export interface SourceHealth {
  /** Unix time in milliseconds since when nothing was heard; absent while the source is fresh. */
  readonly staleSince?: number;
  /** Everything that is refused now; empty when all is well. */
  readonly problems: readonly SourceProblem[];
}

/** Where a source delivers to. Calls never overlap. */
export interface SourceSink {
  /** Changes that belong together: a reader of the state never sees half of them. */
  changed(changes: readonly ObjectChange[]): void;
  /** The first full list is delivered. Called once. */
  synced(): void;
  /** The health changed. */
  health(health: SourceHealth): void;
}

/** Objects of one cluster: a full list, then changes. Reconnects by itself and never forgets what was last good. */
export interface ObjectSource {
  /** For messages: `directory /etc/sdn-tunnel/west`. */
  readonly description: string;
  /** Delivers to `sink` until `signal` aborts; resolves then, and rejects only on a programming error. */
  run(sink: SourceSink, signal: AbortSignal): Promise<void>;
}
