import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { writeYaml } from "@sdn-tunnel/common/sources/yaml";
import type { Folder } from "./folder.ts";

/** Writes objects as one YAML file, a document each, so that a reader sees the old file or the new one, never a part. */
export function writeManifest(file: string, objects: readonly object[]): void {
  mkdirSync(dirname(file), { recursive: true });
  const text = renderManifest(objects);
  const draft = join(dirname(file), `.${basename(file)}.tmp`);
  const handle = openSync(draft, "w");
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
}

/** Takes a file away; it may be gone already. */
export function removeManifest(file: string): void {
  rmSync(file, { force: true });
}

export function writeFolder(directory: string, folder: Folder): void {
  mkdirSync(directory, { recursive: true });
  for (const [path, objects] of folder) writeManifest(join(directory, path), objects);
}

/** YAML, one document for each object. */
export function renderManifest(objects: readonly object[]): string {
  return objects.map(writeYaml).join("---\n");
}
