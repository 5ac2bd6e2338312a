import { join } from "node:path";
import { messageOf } from "../errors.ts";
import type { Clock } from "../loop/clock.ts";
import type { MeshKind } from "../objects/mesh-object.ts";
import { Absences } from "./absences.ts";
import { FileSet } from "./file-set.ts";
import type { FileReading } from "./file-set.ts";
import { FolderWatch, isManifest, listTree } from "./folder-watch.ts";
import { readManifest } from "./read-manifest.ts";
import type { FileStamp, ManifestReading } from "./read-manifest.ts";
import type { ObjectSource, SourceProblem, SourceSink } from "./source.ts";

export interface DirectorySourceOptions {
  readonly folder: string;
  /** Kinds to deliver; documents of other kinds are passed over. */
  readonly kinds: ReadonlySet<MeshKind>;
  readonly clock: Clock;
}

/** Milliseconds that events gather before files are looked at. */
const GATHER_MS = 10;

/** Milliseconds that all files wait for one that is being written, so that what was changed together is taken together. */
const HOLD_MS = 250;

/** Milliseconds between scans of the whole tree, for what inotify does not tell (network file systems, overflows). */
const SCAN_MS = 5000;

/** The same while the folder is not there. */
const STALE_SCAN_MS = 250;

/** A cluster as a folder of manifests. A file that is half written or wrong never takes away what was last good. */
export class DirectorySource implements ObjectSource {
  readonly description: string;
  readonly #options: DirectorySourceOptions;
  readonly #files = new FileSet();
  readonly #stamps = new Map<string, FileStamp>();
  readonly #absences = new Absences();
  #dirty = new Set<string>();
  #scan = true;
  #wake = new AbortController();
  #heldSince: number | undefined;
  #stale: { readonly since: number; readonly problem: SourceProblem } | undefined;
  #unreadable: readonly SourceProblem[] = [];
  #lastHealth = "";

  constructor(options: DirectorySourceOptions) {
    this.#options = options;
    this.description = `directory ${options.folder}`;
  }

  async run(sink: SourceSink, signal: AbortSignal): Promise<void> {
    const watch = new FolderWatch((folder, name) => this.#mark(folder, name));
    try {
      await this.#follow(sink, watch, signal);
    } finally {
      watch.close();
    }
  }

  async #follow(sink: SourceSink, watch: FolderWatch, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let synced = false;
    let nextScan = clock.now();
    while (!signal.aborted) {
      if (clock.now() >= nextScan) this.#scan = true;
      this.#wake = new AbortController();
      const scanned = this.#scan;
      const settleMs = await this.#look(sink, watch);
      if (scanned) nextScan = clock.now() + (this.#stale ? STALE_SCAN_MS : SCAN_MS);
      if (!synced && !this.#stale && settleMs === undefined) {
        sink.synced();
        synced = true;
      }
      const idleMs = Math.min(nextScan - clock.now(), settleMs ?? SCAN_MS);
      await clock.sleep(idleMs, AbortSignal.any([signal, this.#wake.signal]));
      await clock.sleep(GATHER_MS, signal);
    }
  }

  #mark(folder: string, name: string | undefined): void {
    // A dot-name may be a link that all files of the folder lead through (ConfigMap volumes swap `..data`).
    if (name === undefined || name.startsWith(".") || !isManifest(name)) this.#scan = true;
    else this.#dirty.add(join(folder, name));
    this.#wake.abort();
  }

  /** Looks at what is marked; returns the milliseconds until a file that is being written should be at rest. */
  async #look(sink: SourceSink, watch: FolderWatch): Promise<number | undefined> {
    const { clock } = this.#options;
    const paths = this.#dirty;
    this.#dirty = new Set();
    // What is missing is gone only if its folder is still there.
    if (this.#scan || this.#absences.any) for (const path of await this.#scanTree(watch)) paths.add(path);
    const found = new Map<string, ManifestReading>();
    for (const path of paths) found.set(path, await this.#read(path));
    const waits = [...found.values()].flatMap((reading) => (reading.state === "settling" ? [reading.ms] : []));
    if (!this.#stale) waits.push(...this.#absences.unsettled(clock.now()));
    const settleMs = waits.length > 0 ? Math.min(...waits) : undefined;
    this.#heldSince = settleMs === undefined ? undefined : (this.#heldSince ?? clock.now());
    if (this.#heldSince !== undefined && clock.now() - this.#heldSince < HOLD_MS) for (const path of paths) this.#dirty.add(path);
    else this.#take(found, sink);
    this.#tellHealth(sink);
    return settleMs;
  }

  /** Every path that is there now or was before; none when the folder itself cannot be read. */
  async #scanTree(watch: FolderWatch): Promise<Iterable<string>> {
    const { folder, clock } = this.#options;
    this.#scan = false;
    try {
      const { folders, files, unreadable } = await listTree(folder, (entered) => watch.add(entered));
      watch.retain(folders);
      if (this.#stale) this.#absences.restart(clock.now());
      this.#stale = undefined;
      this.#unreadable = [...unreadable].map(([path, cause]) => problemOf(path, cause));
      return new Set([...files, ...this.#files.paths(), ...this.#stamps.keys()]);
    } catch (error) {
      this.#stale ??= { since: clock.now(), problem: problemOf(folder, messageOf(error)) };
      watch.retain(new Set());
      return [];
    }
  }

  async #read(path: string): Promise<ManifestReading> {
    const { kinds, clock } = this.#options;
    const known = this.#stamps.get(path);
    const reading = await readManifest(path, kinds, known, clock.now());
    if (reading.state !== "gone") this.#absences.end(path);
    else if (known && !this.#stale) return this.#absences.note(path, clock.now());
    return reading;
  }

  /** Takes what has come to rest; the rest is looked at again. */
  #take(found: ReadonlyMap<string, ManifestReading>, sink: SourceSink): void {
    const readings = new Map<string, FileReading>();
    for (const [path, result] of found) {
      if (result.state === "settling") this.#dirty.add(path);
      if (result.state === "gone" && !this.#stale) {
        this.#stamps.delete(path);
        this.#absences.end(path);
        readings.set(path, undefined);
      }
      if (result.state === "read") {
        this.#stamps.set(path, result.stamp);
        readings.set(path, result.reading);
      }
    }
    const changes = this.#files.update(readings);
    if (changes.length > 0) sink.changed(changes);
  }

  #tellHealth(sink: SourceSink): void {
    const stale = this.#stale;
    const problems = [...(stale ? [stale.problem] : this.#unreadable), ...this.#files.problems()];
    const health = { ...(stale ? { staleSince: stale.since } : {}), problems };
    const shown = JSON.stringify(health);
    if (shown === this.#lastHealth) return;
    this.#lastHealth = shown;
    sink.health(health);
  }
}

const problemOf = (path: string, cause: string): SourceProblem => ({
  origin: path,
  document: 0,
  problems: [{ path: "", message: `the folder cannot be read: ${cause}` }],
});
