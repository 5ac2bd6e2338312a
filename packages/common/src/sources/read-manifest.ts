import { readFile, stat } from "node:fs/promises";
import { messageOf } from "../errors.ts";
import type { MeshKind } from "../objects/mesh-object.ts";
import type { FileReading } from "./file-set.ts";
import { parseDocuments } from "./parse-documents.ts";

/** A larger file is refused: nobody writes one by hand, and it would stop the daemon while it is parsed. */
const MAX_BYTES = 32 * 1024 * 1024;

/** Milliseconds that a file must have rested before it is read, so that a writer in place has finished. */
export const SETTLE_MS = 100;

/** The same for a file that was cut in place: it may be about to grow again. */
const SHRUNK_SETTLE_MS = 2000;

/** Tells one state of a file from another without reading it. */
export interface FileStamp {
  readonly inode: number;
  readonly size: number;
  readonly mtimeMs: number;
  /** Changes also where a writer puts back size and time of modification. */
  readonly ctimeMs: number;
}

const noStamp: FileStamp = { inode: 0, size: 0, mtimeMs: 0, ctimeMs: 0 };

export type ManifestReading =
  | { readonly state: "unchanged" }
  /** Still being written: look again after `ms`. */
  | { readonly state: "settling"; readonly ms: number }
  | { readonly state: "gone" }
  | { readonly state: "read"; readonly stamp: FileStamp; readonly reading: FileReading };

/** Reads a manifest when it changed since `before` and has come to rest. */
export async function readManifest(
  path: string,
  kinds: ReadonlySet<MeshKind>,
  before: FileStamp | undefined,
  now: number,
): Promise<ManifestReading> {
  try {
    const found = await stat(path);
    const stamp = { inode: found.ino, size: found.size, mtimeMs: found.mtimeMs, ctimeMs: found.ctimeMs };
    if (before && sameStamp(before, stamp)) return { state: "unchanged" };
    if (!found.isFile()) return { state: "read", stamp, reading: unreadable("is no regular file") };
    const wait = restAfter(before, stamp) - (now - stamp.mtimeMs);
    if (wait > 0 && wait <= SHRUNK_SETTLE_MS) return { state: "settling", ms: wait };
    return { state: "read", stamp, reading: await read(path, found.size, kinds) };
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return { state: "gone" };
    return { state: "read", stamp: noStamp, reading: unreadable(`cannot be read: ${messageOf(error)}`) };
  }
}

async function read(path: string, size: number, kinds: ReadonlySet<MeshKind>): Promise<FileReading> {
  if (size > MAX_BYTES) return unreadable(`has ${size} bytes; at most ${MAX_BYTES} are read`);
  const text = await readFile(path, "utf8");
  // A writer that truncates first leaves this behind for a moment; one that means it deletes the file.
  if (text.trim() === "") return unreadable("is empty; delete the file to remove its objects");
  return parseDocuments(text, kinds);
}

const unreadable = (reason: string): FileReading => ({ unreadable: reason });

/** A file that was replaced as a whole (another inode) is complete; one cut in place may not be. */
function restAfter(before: FileStamp | undefined, stamp: FileStamp): number {
  return before?.inode === stamp.inode && stamp.size < before.size ? SHRUNK_SETTLE_MS : SETTLE_MS;
}

function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.inode === b.inode && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}
