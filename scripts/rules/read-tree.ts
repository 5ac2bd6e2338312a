import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { SourceFile } from "./source-file.ts";

/** Made by tools, not by us: packages, builds, caches, reports. */
const foreign = new Set(["node_modules", ".git", ".nx", ".cache", "dist", "reports", "package-lock.json", "LICENSE"]);

/** Files whose text is ours; the tree has no others yet but images, which say nothing. */
const isText = (name: string): boolean => /\.(?:ts|mjs|js|json|md|ya?ml|sh|svg)$|^\.[\w]+rc$|^run$|^\.gitignore$/.test(name);

/**
 * Reads every text file of the repository.
 *
 * @param root its folder
 * @returns in the order of their paths
 */
export function readTree(root: string): SourceFile[] {
  const walk = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      if (foreign.has(entry.name)) return [];
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return walk(path);
      return entry.isFile() && isText(entry.name) ? [path] : [];
    });
  return walk(root)
    .toSorted()
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, "utf8") }));
}
