import { readdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { REPOSITORY } from "../processes/node-program.ts";
import { bundleName } from "./engine.ts";

const DAEMONS = ["packages/tunnel/src/main.ts", "packages/proxy/src/main.ts", "packages/discovery/src/main.ts"];
const LAB_PROGRAMS = "lab/src/programs";

/**
 * Every program that a bed in the guest may start, for `bundlePrograms()`: name of its bundle to path of its source.
 *
 * @param own absolute paths of the programs that the caller starts itself
 */
export function programsToBundle(own: readonly string[]): Record<string, string> {
  const lab = readdirSync(join(REPOSITORY, LAB_PROGRAMS)).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  const files = [...own.map((file) => relative(REPOSITORY, file)), ...DAEMONS, ...lab.map((file) => join(LAB_PROGRAMS, basename(file)))];
  return Object.fromEntries(files.map((file) => [bundleName(file), join(REPOSITORY, file)]));
}
