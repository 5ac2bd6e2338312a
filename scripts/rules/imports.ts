import { blank } from "./blank.ts";

/** One import or re-export of a module. */
export interface Import {
  /** As written: `node:fs`, `zod`, `../net/prefix.ts`. */
  readonly specifier: string;
  /** Whether nothing of it is left when the types are stripped: `import { type A } from` still runs the module. */
  readonly typeOnly: boolean;
  /** What the values are called in this file; none for types, side effects and dynamic imports. */
  readonly names: readonly string[];
  /** Counted from 1. */
  readonly line: number;
}

/** `import x from`, `import {…} from`, `export {…} from`, `export * from`, `import "x"` and `import("x")`, on blanked text. */
const statement = /\b(?:import|export)\s+(type\s+)?(?:[\w$*{][^;"'`()=]*?\bfrom\s*)?["']|\bimport\s*\(\s*()["'`]/g;

/**
 * Lists the modules that a source imports, in order.
 *
 * @param text the source
 * @returns also dynamic imports of a literal, and type-only ones
 */
export function importsOf(text: string): Import[] {
  const code = blank(text);
  return [...code.matchAll(statement)].map((match) => {
    const start = match.index + match[0].length;
    const end = code.slice(start).search(/["'`]/) + start;
    return {
      specifier: text.slice(start, end),
      typeOnly: match[1] !== undefined,
      names: match[1] === undefined ? namesIn(match[0]) : [],
      line: code.slice(0, start).split("\n").length,
    };
  });
}

/** Names between `import` and `from`: `a` and `c` of `import a, { type B, b as c } from`. */
function namesIn(clause: string): string[] {
  const between = /^import\s+([^"']+?)\s*\bfrom\b/.exec(clause)?.[1] ?? "";
  return between
    .split(/[{},]/)
    .map((part) => part.trim())
    .filter((part) => part !== "" && !part.startsWith("type "))
    .map((part) => part.split(/\s+as\s+/).at(-1) ?? "");
}

/**
 * Finds the file that an import leads to inside the workspace.
 *
 * @param from path of the importing file, from the repository's root
 * @param specifier as written
 * @returns the path from the repository's root; undefined for `node:` modules and packages of others
 */
export function resolveImport(from: string, specifier: string): string | undefined {
  const workspace = /^@sdn-tunnel\/([\w-]+)\/(.+)$/.exec(specifier);
  if (workspace) return `${folderOfMember(workspace[1] ?? "")}/src/${workspace[2]}.ts`;
  if (!specifier.startsWith(".")) return undefined;
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

const folderOfMember = (name: string): string => (["lab", "e2e", "bench", "scripts"].includes(name) ? name : `packages/${name}`);

/**
 * The package that an import names.
 *
 * @param specifier as written
 * @returns `zod` for `zod/v4`, `@scope/name` for `@scope/name/x`; undefined for relative paths, `node:` and our own packages
 */
export function thirdPartyPackage(specifier: string): string | undefined {
  if (/^(?:\.|node:|@sdn-tunnel\/)/.test(specifier)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}
