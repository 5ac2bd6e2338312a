import { readFile } from "node:fs/promises";

/** Reads a file that may be absent, as `Health` wants it. */
export function fileReader(path: string): () => Promise<string | undefined> {
  return () =>
    readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
}
