import { readFileSync } from "node:fs";
import { LabError } from "../errors.ts";

/** What a program inside a bed knows of its bed. */
export interface Bed {
  /** The first process's pid outside the bed: what nsenter(1) needs to get in. */
  readonly pid: number;
  /** Whether the bed has an own user namespace, so that a way in must enter that one too. */
  readonly rootless: boolean;
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
  return { pid, rootless: isRootless(readFileSync("/proc/self/uid_map", "latin1")) };
}

/** Whether a uid_map (user_namespaces(7)) is not the first user namespace's, which maps every id to itself. */
export function isRootless(uidMap: string): boolean {
  return uidMap.trim().split(/\s+/).join(" ") !== "0 0 4294967295";
}
