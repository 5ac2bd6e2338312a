import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** Most folders of one source that are watched; a deeper tree is looked at by the periodic scan only. */
const MAX_FOLDERS = 1000;

/** Watches a folder and the folders in it (inotify(7)); one that cannot be watched is left to the periodic scan. */
export class FolderWatch {
  readonly #onEvent: (folder: string, name: string | undefined) => void;
  readonly #watchers = new Map<string, FSWatcher>();

  constructor(onEvent: (folder: string, name: string | undefined) => void) {
    this.#onEvent = onEvent;
  }

  /** Starts to watch `folder` if it is not watched yet. Call before reading it, so that no change falls between. */
  add(folder: string): void {
    if (this.#watchers.has(folder) || this.#watchers.size >= MAX_FOLDERS) return;
    try {
      const watcher = watch(folder, (_, name) => this.#onEvent(folder, name ?? undefined));
      watcher.on("error", () => this.#drop(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      this.#drop(folder); // gone meanwhile, or out of inotify watches: the periodic scan still sees it
    }
  }

  /** Forgets watches of folders that are not in `folders` any more. */
  retain(folders: ReadonlySet<string>): void {
    for (const folder of this.#watchers.keys()) if (!folders.has(folder)) this.#drop(folder);
  }

  close(): void {
    for (const folder of this.#watchers.keys()) this.#drop(folder);
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}

/** The folders and YAML files under `root`, dot-names left out. */
export interface Listing {
  readonly folders: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
}

/**
 * Lists a tree; `enter` is called for each folder before it is read.
 *
 * @throws when `root` itself cannot be read; a folder below it that vanishes meanwhile is passed over
 */
export async function listTree(root: string, enter: (folder: string) => void): Promise<Listing> {
  const folders = new Set<string>();
  const files = new Set<string>();
  const visit = async (folder: string): Promise<void> => {
    enter(folder);
    folders.add(folder);
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries) {
      if (entry.name.startsWith(".")) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await visit(path).catch(() => folders.delete(path));
      else if (isManifest(entry.name)) files.add(path);
    }
  };
  await visit(root);
  return { folders, files };
}

/** True for the names that are read: `*.yaml` and `*.yml`, no dot-file. */
export const isManifest = (name: string): boolean => /^[^.].*\.ya?ml$/.test(name);
