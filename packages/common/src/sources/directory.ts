import { dirname, join } from "node:path";
import type { Clock } from "../loop/clock.ts";
import type { MeshKind } from "../objects/mesh-object.ts";
import { FileSet } from "./file-set.ts";
import type { FileReading } from "./file-set.ts";
import { FolderWatch, isManifest, listTree } from "./folder-watch.ts";
import { readManifest } from "./read-manifest.ts";
import type { FileStamp } from "./read-manifest.ts";
import type { ObjectSource, SourceSink } from "./source.ts";

export interface DirectorySourceOptions {
  readonly folder: string;
  /** Kinds to deliver; documents of other kinds are passed over. */
  readonly kinds: ReadonlySet<MeshKind>;
  readonly clock: Clock;
}

/** Milliseconds that events gather before files are looked at. */
const GATHER_MS = 10;

/** Milliseconds between scans of the whole tree, for what inotify does not tell (network file systems, overflows). */
const SCAN_MS = 5000;

/** A cluster as a folder of manifests. A file that is half written or wrong never takes away what was last good. */
export class DirectorySource implements ObjectSource {
  readonly description: string;
  readonly #options: DirectorySourceOptions;
  readonly #files = new FileSet();
  readonly #stamps = new Map<string, FileStamp>();
  #dirty = new Set<string>();
  #scan = true;
  #wake = new AbortController();
  #staleSince: number | undefined;
  #lastHealth = "";

  constructor(options: DirectorySourceOptions) {
    this.#options = options;
    this.description = `directory ${options.folder}`;
  }

  async run(sink: SourceSink, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const watch = new FolderWatch((folder, name) => this.#mark(folder, name));
    let synced = false;
    let nextScan = clock.now();
    while (!signal.aborted) {
      if (clock.now() >= nextScan) this.#scan = true;
      if (this.#scan) nextScan = clock.now() + SCAN_MS;
      this.#wake = new AbortController();
      const settleMs = await this.#look(sink, watch);
      if (!synced && this.#staleSince === undefined && settleMs === undefined) {
        sink.synced();
        synced = true;
      }
      const idleMs = Math.min(nextScan - clock.now(), settleMs ?? SCAN_MS);
      if (this.#dirty.size === 0 || settleMs !== undefined) await clock.sleep(idleMs, AbortSignal.any([signal, this.#wake.signal]));
      await clock.sleep(GATHER_MS, signal);
    }
    watch.close();
  }

  #mark(folder: string, name: string | undefined): void {
    // A dot-name may be a link that all files of the folder lead through (ConfigMap volumes swap `..data`).
    if (name === undefined || name.startsWith(".") || !isManifest(name)) this.#scan = true;
    else this.#dirty.add(join(folder, name));
    this.#wake.abort();
  }

  /** Looks at what is marked; returns the milliseconds until a file that is being written should be at rest. */
  async #look(sink: SourceSink, watch: FolderWatch): Promise<number | undefined> {
    const paths = this.#dirty;
    this.#dirty = new Set();
    if (this.#scan) for (const path of await this.#scanTree(watch)) paths.add(path);
    const readings = new Map<string, FileReading>();
    let settleMs: number | undefined;
    for (const path of paths) {
      const wait = await this.#read(path, readings);
      if (wait !== undefined) settleMs = Math.min(settleMs ?? wait, wait);
    }
    const changes = this.#files.update(readings);
    if (changes.length > 0) sink.changed(changes);
    this.#tellHealth(sink);
    return settleMs;
  }

  /** Every path that is there now or was before; none when the folder itself cannot be read. */
  async #scanTree(watch: FolderWatch): Promise<Iterable<string>> {
    this.#scan = false;
    try {
      const { folders, files } = await listTree(this.#options.folder, (folder) => watch.add(folder));
      watch.retain(folders);
      this.#staleSince = undefined;
      return new Set([...files, ...this.#files.paths(), ...this.#stamps.keys()]);
    } catch {
      this.#staleSince ??= this.#options.clock.now();
      watch.retain(new Set());
      return [];
    }
  }

  async #read(path: string, readings: Map<string, FileReading>): Promise<number | undefined> {
    const { kinds, clock, folder } = this.#options;
    const result = await readManifest(path, kinds, this.#stamps.get(path), clock.now());
    if (result.state === "settling") {
      this.#dirty.add(path);
      return result.ms;
    }
    if (result.state === "gone" && this.#staleSince === undefined && dirname(path).startsWith(folder)) {
      this.#stamps.delete(path);
      readings.set(path, undefined);
    }
    if (result.state === "read") {
      this.#stamps.set(path, result.stamp);
      readings.set(path, result.reading);
    }
    return undefined;
  }

  #tellHealth(sink: SourceSink): void {
    const staleSince = this.#staleSince;
    const gone = { origin: this.#options.folder, document: 0, problems: [{ path: "", message: "the folder cannot be read" }] };
    const problems = [...(staleSince === undefined ? [] : [gone]), ...this.#files.problems()];
    const health = { ...(staleSince === undefined ? {} : { staleSince }), problems };
    const shown = JSON.stringify(health);
    if (shown === this.#lastHealth) return;
    this.#lastHealth = shown;
    sink.health(health);
  }
}

