import { readFileSync } from "node:fs";
import { LabError } from "../errors.ts";
import { enter } from "../namespaces/enter.ts";

/** What a program inside a bed knows of its bed. */
export class Bed {
  /** The first process's pid outside the bed: what nsenter(1) needs to get in. */
  readonly pid: number;
  /** Whether the bed has an own user namespace, so that a way in must enter that one too. */
  readonly rootless: boolean;

  constructor(pid: number, rootless: boolean) {
    this.pid = pid;
    this.rootless = rootless;
  }

  /**
   * Command line by which a person enters a machine from outside the bed: first the bed, where the holder's pid has
   * its meaning, then the machine. For the bed's own user.
   *
   * @param holder pid, inside the bed, of the process that holds the machine's namespaces
   */
  wayInto(holder: number): string {
    const userns = this.rootless ? ["--user", "--preserve-credentials"] : [];
    return ["nsenter", `--target=${this.pid}`, ...userns, "--mount", "--pid", "--net", ...enter(holder), "bash"].join(" ");
  }
}

/**
 * The bed that this process runs in. Whoever changes links, routes or nftables asks here first, so that the
 * machine's own network namespace is never touched.
 *
 * @param operation what the caller wants to do, for the message: "bring the lab up"
 * @throws {LabError} NOT_IN_BED when pid 1 is not a bed's first process
 */
export function requireBed(operation: string): Bed {
  const pid = Number(process.env["SDN_BED_PID"]);
  const init = readFileSync("/proc/1/cmdline", "latin1").split("\0");
  if (!pid || !init[1]?.endsWith("/bed/init.sh")) throw new LabError({ code: "NOT_IN_BED", operation });
  return new Bed(pid, isRootless(readFileSync("/proc/self/uid_map", "latin1")));
}

/** Whether a uid_map (user_namespaces(7)) is not the first user namespace's, which maps every id to itself. */
export function isRootless(uidMap: string): boolean {
  return uidMap.trim().split(/\s+/).join(" ") !== "0 0 4294967295";
}
