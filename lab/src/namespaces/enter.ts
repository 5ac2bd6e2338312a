import type { Bed } from "../bed/inside.ts";

/** Command line that runs what follows in the namespaces of the machine held by `pid`, from inside the bed. */
export function enter(pid: number): string[] {
  return ["nsenter", `--target=${pid}`, "--net", "--mount"];
}

/**
 * Command line by which a person enters a machine from outside the bed: first the bed, where the holder's pid has
 * its meaning, then the machine.
 *
 * @param pid the holder's pid inside the bed
 */
export function enterFromOutside(bed: Bed, pid: number): string {
  const userns = bed.rootless ? ["--user", "--preserve-credentials"] : [];
  return ["nsenter", `--target=${bed.pid}`, ...userns, "--mount", "--pid", "--net", ...enter(pid), "bash"].join(" ");
}
