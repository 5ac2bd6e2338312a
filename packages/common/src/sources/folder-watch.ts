import { statSync, watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { messageOf } from "../errors.ts";

/** Most folders of one source that are watched; a deeper tree is looked at by the periodic scan only. */
const MAX_FOLDERS = 1000;

/** Watches a folder and the folders in it (inotify(7)); one that cannot be watched is left to the periodic scan. */
export class FolderWatch {
  readonly #onEvent: (folder: string, name: string | undefined) => void;
  readonly #watchers = new Map<string, { readonly inode: number; readonly watcher: FSWatcher }>();

  /** @param onEvent told of a name in a folder that changed, or (`undefined`) that the folder itself did */
  constructor(onEvent: (folder: string, name: string | undefined) => void) {
    this.#onEvent = onEvent;
  }

  /**
   * Starts to watch `folder` if it is not watched yet, or if another folder has taken its place: a watch belongs to
   * the inode. Call before reading it, so that no change falls between.
   */
  add(folder: string): void {
    try {
      const inode = statSync(folder).ino;
      if (this.#watchers.get(folder)?.inode === inode) return;
      this.#drop(folder);
      if (this.#watchers.size >= MAX_FOLDERS) return;
      const watcher = watch(folder, (_, name) => this.#heard(folder, name ?? undefined));
      watcher.on("error", () => this.#drop(folder));
      this.#watchers.set(folder, { inode, watcher });
    } catch {
      this.#drop(folder); // gone meanwhile, or out of inotify watches: the periodic scan still sees it
    }
  }

  /** Forgets watches of folders that are not in `folders` any more. */
  retain(folders: ReadonlySet<string>): void {
    for (const folder of this.#watchers.keys()) if (!folders.has(folder)) this.#drop(folder);
  }

  close(): void {
    this.retain(new Set());
  }

  /** A folder's own name is told when it was moved or deleted itself: its successor may have got the same inode. */
  #heard(folder: string, name: string | undefined): void {
    const itself = name === undefined || name === basename(folder);
    if (itself) this.#drop(folder);
    this.#onEvent(folder, itself ? undefined : name);
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.watcher.close();
    this.#watchers.delete(folder);
  }
}

/** The folders and YAML files under `root`, dot-names left out. */
export interface Listing {
  readonly folders: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  /** Folders that could not be read, with the reason. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/**
 * Lists a tree; `enter` is called for each folder before it is read.
 *
 * @throws when `root` itself cannot be read; a folder below it that vanishes meanwhile is passed over
 */
export async function listTree(root: string, enter: (folder: string) => void): Promise<Listing> {
  const [folders, files, unreadable] = [new Set<string>(), new Set<string>(), new Map<string, string>()];
  const visit = async (folder: string): Promise<void> => {
    enter(folder);
    folders.add(folder);
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith(".")) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await visit(path).catch((error: NodeJS.ErrnoException) => leave(path, error));
      else if (isManifest(entry.name)) files.add(path);
    }
  };
  const leave = (folder: string, error: NodeJS.ErrnoException): void => {
    folders.delete(folder);
    if (error.code !== "ENOENT") unreadable.set(folder, messageOf(error));
  };
  await visit(root);
  return { folders, files, unreadable };
}

/** True for the names that are read: `*.yaml` and `*.yml`, no dot-file. */
export const isManifest = (name: string): boolean => /^[^.].*\.ya?ml$/.test(name);
