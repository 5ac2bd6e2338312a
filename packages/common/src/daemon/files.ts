import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Replaces a file so that a reader sees the old text or the new one, never a part, also after a power cut:
 * a dot-file beside it, fsync, rename(2), fsync of the folder.
 */
export async function writeFileAtomically(path: string, text: string, { mode = 0o644 } = {}): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}`);
  const file = await open(temporary, "w", mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(folder, "r");
  await directory.sync().finally(() => directory.close());
}
