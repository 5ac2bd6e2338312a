import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Tells apart the files of writes that are under way at the same time. */
let writes = 0;

/**
 * Replaces a file so that a reader sees the old text or the new one, never a part, also after a power cut:
 * a dot-file beside it, fsync, rename(2), fsync of the folder.
 */
export async function writeFileAtomically(path: string, text: string, { mode = 0o644 } = {}): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${writes++}`);
  try {
    await writeThrough(temporary, text, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const directory = await open(folder, "r");
  await directory.sync().finally(() => directory.close());
}

/** Writes a new file down to the disk; what a process of the same number left behind at its end is overwritten. */
async function writeThrough(path: string, text: string, mode: number): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, "wx", mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
