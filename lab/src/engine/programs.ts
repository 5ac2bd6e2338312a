import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { REPOSITORY } from "../processes/node-program.ts";
import { run } from "../processes/run.ts";
import { INTERPRETED, bundleName, engineEnvironment } from "./engine.ts";

const DAEMONS = ["packages/tunnel/src/main.ts", "packages/proxy/src/main.ts", "packages/discovery/src/main.ts"];
const LAB_PROGRAMS = "lab/src/programs";
const IN_BED = fileURLToPath(new URL("in-bed.ts", import.meta.url));

/** Programs bundled for a guest, in a folder of their own. */
export interface GuestPrograms extends Disposable {
  /** The environment by which programs in the guest find each other. */
  readonly env: Readonly<Record<string, string>>;
  /** Command line of one of the programs, by the path of its source. */
  argv(file: string, args?: readonly string[]): [string, ...string[]];
  /** Command line that runs one of the programs in a bed. */
  inBed(file: string, args?: readonly string[]): [string, ...string[]];
}

/**
 * Bundles the daemons, the lab's programs, and those that the caller starts, for as long as the guest runs.
 *
 * @param own absolute paths of TypeScript files
 */
export async function bundleForGuest(own: readonly string[]): Promise<GuestPrograms> {
  // Only here: the bundler takes a tenth of a second to load.
  const { bundlePrograms } = await import("../vm/bundle.ts");
  const parent = join(REPOSITORY, ".cache/vm");
  mkdirSync(parent, { recursive: true });
  removeAbandoned(parent);
  const folder = mkdtempSync(join(parent, `programs-${process.pid}-`));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const argv = (file: string, args: readonly string[] = []): [string, ...string[]] => [process.execPath, bundleOf(folder, file), ...args];
  const env = { ...engineEnvironment(folder), PATH: process.env["PATH"] ?? "", NODE_COMPILE_CACHE: join(folder, "compiled") };
  try {
    const files = [...own, IN_BED, ...[...DAEMONS, ...labPrograms()].map((file) => join(REPOSITORY, file))];
    await bundlePrograms(Object.fromEntries(files.map((file) => [nameOf(file), file])), folder);
    // Reads the daemons' code here and once: in the guest they start together, and each would do it for itself. What is
    // kept of that goes with V8's options, and the packages' own tests start them without any.
    const read = (file: string, options: Readonly<Record<string, string>>) => run([...argv(join(REPOSITORY, file)), "--version"], { env: { ...env, ...options } });
    await Promise.all(DAEMONS.flatMap((file) => [{}, INTERPRETED].map((options) => read(file, options))));
  } catch (error) {
    remove();
    throw error;
  }
  return { env, argv, inBed: (file, args = []) => argv(IN_BED, [file, ...args]), [Symbol.dispose]: remove };
}

const nameOf = (file: string): string => bundleName(relative(REPOSITORY, file));
const bundleOf = (folder: string, file: string): string => join(folder, `${nameOf(file)}.mjs`);

const labPrograms = (): string[] =>
  readdirSync(join(REPOSITORY, LAB_PROGRAMS)).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts")).map((file) => join(LAB_PROGRAMS, file));

/** Removes the folders of killed processes. */
function removeAbandoned(parent: string): void {
  for (const entry of readdirSync(parent)) {
    const pid = /^programs-(\d+)-/.exec(entry)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(parent, entry), { recursive: true, force: true });
  }
}
