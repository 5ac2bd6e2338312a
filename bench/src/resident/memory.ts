import { readFileSync } from "node:fs";

/** What a process holds, in megabytes of 2^20 bytes. */
export interface Resident {
  /** Once everything is read and in place, and two seconds have passed. */
  readonly loaded: number;
  /** After 30 s in which it looked at everything again and again, and found nothing to do. */
  readonly worked: number;
}

/** Resident memory of a process, as ps(1) shows it: VmRSS of proc_pid_status(5). */
export function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kilobytes === undefined) throw new Error(`Cannot read resident memory of ${pid}: /proc/${pid}/status has no VmRSS`);
  return Number(kilobytes) / 1024;
}
