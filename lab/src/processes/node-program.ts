import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { INTERPRETED, bundleName, engine } from "../engine/engine.ts";

/** The repository's root. */
export const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

/** A command line with what it wants in its environment. */
export interface Command {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs a TypeScript file of this repository: its bundle where there is one, else from source. Compiled code is kept
 * in the repository's `.cache`, which halves the start.
 *
 * @param file path from the repository's root: "packages/proxy/src/main.ts"
 */
export function nodeProgram(file: string, args: readonly string[] = [], { programs } = engine): Command {
  if (programs !== undefined) {
    const bundle = join(programs, `${bundleName(file)}.mjs`);
    return { argv: [process.execPath, bundle, ...args], env: { NODE_COMPILE_CACHE: join(programs, "compiled"), ...INTERPRETED } };
  }
  return {
    argv: [process.execPath, "--conditions=source", join(REPOSITORY, file), ...args],
    env: { NODE_COMPILE_CACHE: join(REPOSITORY, ".cache", "node") },
  };
}

/** A program of the lab itself, by its name in `lab/src/programs`. */
export function labProgram(name: string, args: readonly string[] = []): Command {
  return nodeProgram(`lab/src/programs/${name}.ts`, args);
}

/**
 * Where wireguard-go is: `$SDN_WIREGUARD_GO`, what the bootstrap built, or PATH.
 *
 * @returns undefined when it is nowhere
 */
export function findWireguardGo(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const inPath = (env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "wireguard-go"));
  const named = env["SDN_WIREGUARD_GO"];
  return named ?? [join(REPOSITORY, ".cache/bin/wireguard-go"), ...inPath].find((file) => existsSync(file));
}
