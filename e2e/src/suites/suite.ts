import type { EngineName } from "@sdn-tunnel/lab/engine/engine";
import type { Sdn } from "@sdn-tunnel/lab/topology/shape";

/** What came of one case of a suite. */
export interface Row {
  readonly name: string;
  /** Why it failed; absent when it passed. */
  readonly error?: string | undefined;
  /** What was seen: figures, for a reader. */
  readonly detail?: string | undefined;
}

/** On what a suite runs. */
export interface Ground {
  readonly engine: EngineName;
  /** What the lab's pods are attached to; suites without a lab do not care. */
  readonly sdn: Sdn;
}

/** Cases that one program runs. */
export interface Suite {
  readonly name: string;
  /** A module of cases in a network namespace, or a program that builds its lab in a bed. */
  readonly place: "namespace" | "bed";
  /** Absolute path of the TypeScript file. */
  readonly file: string;
  readonly engines: readonly EngineName[];
  readonly args?: (ground: Ground) => readonly string[];
  /** Longest time on this machine's own processor, in seconds. */
  readonly limitS: number;
  /** Reads its standard output. */
  readonly read: (stdout: string, ground: Ground) => Row[];
  /** Names of cases that must be among them. */
  readonly promised: readonly string[];
}

/** A suite to run. */
export interface Job extends Ground {
  readonly suite: Suite;
}

/** How its program ended. */
export interface Ending {
  /** Exit code; 124 when its time was over (timeout(1)). */
  readonly exit: number;
  readonly stdout: string;
}

/** All that came of a job: its cases, those that it promised and did not run, and whether it came to its end. */
export function judgeJob({ suite, ...ground }: Job, { exit, stdout }: Ending): Row[] {
  const rows = readRows(suite, stdout, ground);
  const ran = new Set(rows.map(({ name }) => name));
  const missing = suite.promised.filter((name) => !ran.has(name)).map((name) => ({ name, error: "a case that did not run" }));
  const end = exit === 124 ? `not done after ${suite.limitS} s` : `exit code ${exit}`;
  return [...rows, ...missing, { name: "comes to its end", ...(exit === 0 && rows.length > 0 ? {} : { error: `${end}, ${rows.length} cases` }) }];
}

function readRows({ read }: Suite, stdout: string, ground: Ground): Row[] {
  try {
    return read(stdout, ground);
  } catch (error) {
    return [{ name: "prints what came of it", error: `${String(error)}: ${stdout.slice(-2000)}` }];
  }
}

export const titleOf = ({ suite, engine, sdn }: Job): string => `${suite.name} on engine ${engine}${suite.place === "bed" ? `, ${sdn}` : ""}`;
