import { isDeepStrictEqual } from "node:util";
import type { MeshObject, ObjectKey } from "../objects/mesh-object.ts";
import type { DocumentProblem, ParsedFile } from "./parse-documents.ts";
import type { ObjectChange, SourceProblem } from "./source.ts";

/** What was read of a file: its documents, a reason why it could not be read, or (`undefined`) that it is gone. */
export type FileReading = ParsedFile | { readonly unreadable: string } | undefined;

/**
 * The files of a folder as one set of objects. A file counts as a whole: while one of its documents is wrong, or
 * claims an object that another file holds, what it held before stays in force.
 */
export class FileSet {
  readonly #inForce = new Map<string, ReadonlyMap<ObjectKey, MeshObject>>();
  readonly #owners = new Map<ObjectKey, string>();
  /** Readable files that another file stands in the way of; tried again when that one changes. */
  readonly #waiting = new Map<string, ParsedFile>();
  readonly #problems = new Map<string, readonly DocumentProblem[]>();

  /** Paths that are in force, refused or waiting. */
  paths(): Set<string> {
    return new Set([...this.#inForce.keys(), ...this.#problems.keys()]);
  }

  /** Everything that is refused now, in path order. */
  problems(): SourceProblem[] {
    return [...this.#problems]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([origin, documents]) => documents.map((document) => ({ origin, ...document })));
  }

  /** Takes readings that belong together, so that an object may move from one file to another; returns what changed. */
  update(readings: ReadonlyMap<string, FileReading>): ObjectChange[] {
    const before = new Map<ObjectKey, MeshObject | undefined>();
    const taken = new Map<string, ParsedFile>(this.#waiting);
    for (const [path, reading] of readings) {
      taken.delete(path);
      this.#waiting.delete(path);
      if (reading === undefined) this.#release(path, before);
      else if ("unreadable" in reading) this.#refuse(path, [{ document: 0, problems: [{ path: "", message: reading.unreadable }] }]);
      else if (reading.problems.length > 0) this.#refuse(path, reading.problems);
      else taken.set(path, reading);
    }
    this.#claimAll(taken, before);
    return [...before].flatMap(([key, old]) => this.#change(key, old));
  }

  #refuse(path: string, problems: readonly DocumentProblem[]): void {
    this.#problems.set(path, problems);
  }

  /** Files that are replaced give up what they held first; then all claim, in path order. */
  #claimAll(files: ReadonlyMap<string, ParsedFile>, before: Map<ObjectKey, MeshObject | undefined>): void {
    const held = new Map([...files.keys()].map((path) => [path, this.#inForce.get(path)]));
    const keepers = keepersOf(files, held);
    for (const path of files.keys()) this.#release(path, before);
    for (const [path, file] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const holderOf = (key: ObjectKey): string | undefined => this.#owners.get(key) ?? keepers.get(key);
      const clash = [...file.objects.keys()].find((key) => (holderOf(key) ?? path) !== path);
      if (clash === undefined) {
        this.#claim(path, file.objects, before);
        this.#waiting.delete(path);
        continue;
      }
      this.#waiting.set(path, file);
      const message = `${clash} is already in ${holderOf(clash)}; an object may stand in one file only`;
      this.#refuse(path, [{ document: 0, problems: [{ path: "", message }] }]);
      const old = [...(held.get(path) ?? [])].filter(([key]) => !this.#owners.has(key));
      if (old.length > 0) this.#claim(path, new Map(old), before);
    }
  }

  #claim(path: string, objects: ReadonlyMap<ObjectKey, MeshObject>, before: Map<ObjectKey, MeshObject | undefined>): void {
    this.#inForce.set(path, objects);
    for (const key of objects.keys()) {
      if (!before.has(key)) before.set(key, undefined);
      this.#owners.set(key, path);
    }
  }

  #release(path: string, before: Map<ObjectKey, MeshObject | undefined>): void {
    for (const [key, object] of this.#inForce.get(path) ?? []) {
      if (!before.has(key)) before.set(key, object);
      this.#owners.delete(key);
    }
    this.#inForce.delete(path);
    this.#problems.delete(path);
  }

  #change(key: ObjectKey, old: MeshObject | undefined): ObjectChange[] {
    const path = this.#owners.get(key);
    const object = path === undefined ? undefined : this.#inForce.get(path)?.get(key);
    if (object === undefined) return old === undefined ? [] : [{ key }];
    return isDeepStrictEqual(old, object) ? [] : [{ key, object }];
  }
}

/** Files that hold an object and still have it: they keep it, whatever the order of paths. */
function keepersOf(
  files: ReadonlyMap<string, ParsedFile>,
  held: ReadonlyMap<string, ReadonlyMap<ObjectKey, MeshObject> | undefined>,
): ReadonlyMap<ObjectKey, string> {
  const keepers = new Map<ObjectKey, string>();
  for (const [path, { objects }] of files)
    for (const key of held.get(path)?.keys() ?? []) if (objects.has(key)) keepers.set(key, path);
  return keepers;
}
