import { spawn } from "node:child_process";
import type { ChildProcess, StdioOptions } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeProgram, REPOSITORY } from "../processes/node-program.ts";
import { ancestorsToWatch, readAncestors, watchAncestors } from "./ancestors.ts";

export interface BedOptions {
  /** Program to run: a path to a TypeScript or JavaScript file, run by this process's own Node. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input, output and error of the program; default "inherit". */
  readonly stdio?: "inherit" | "ignore" | readonly ["inherit" | "ignore", "inherit" | "ignore" | number, "inherit" | "ignore" | number];
  /** Whether the caller is root and needs no user namespace; default: by the effective user id. */
  readonly privileged?: boolean;
  /** Stops the bed at once. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a program in a bed: fresh user, network, mount and pid namespaces with an own /proc and an empty /run.
 *
 * Nothing in it outlives it. The first process ends when this one does (a pipe), when `unshare` does
 * (PR_SET_PDEATHSIG), and takes all others along; this one ends when its parent, or npm above it, is gone.
 * SIGTERM is handed on to the program; SIGINT reaches it through the terminal.
 *
 * @returns the program's exit code, or 128 + the number of the signal that ended it
 */
export async function runInBed(options: BedOptions): Promise<number> {
  const bed = spawn("unshare", bedArguments(options), {
    stdio: [...stdioOf(options), "pipe"] as StdioOptions,
    env: { ...process.env, ...options.env },
  });
  const ended = new Promise<number>((resolve, reject) => {
    bed.once("error", reject);
    bed.once("exit", (code, signal) => resolve(code ?? (signal === "SIGKILL" ? 137 : 143)));
  });
  const release = [
    watchAncestors(ancestorsToWatch(readAncestors(), "npm_lifecycle_event" in process.env), () => {
      bed.kill("SIGKILL");
      process.exit(129);
    }),
    handleSignals(bed),
  ];
  const stop = () => bed.kill("SIGKILL");
  options.signal?.addEventListener("abort", stop);
  if (options.signal?.aborted) stop();
  try {
    await Promise.race([openBed(bed), ended]);
    return await ended;
  } finally {
    options.signal?.removeEventListener("abort", stop);
    for (const undo of release) undo();
  }
}

/** Arguments of unshare(1) that make the bed and start `entry` in it under `init.sh`. */
export function bedArguments({ entry, args = [], privileged = process.geteuid?.() === 0 }: BedOptions): string[] {
  return [
    ...(privileged ? [] : ["--user", "--map-root-user"]),
    ...["--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"],
    ...["bash", fileURLToPath(new URL("init.sh", import.meta.url))],
    ...nodeProgram(relative(REPOSITORY, entry), args).argv,
  ];
}

/** Tells the bed's first process its own pid, for which it waits. */
async function openBed(bed: ChildProcess): Promise<void> {
  const pipe = bed.stdio[3] as NodeJS.WritableStream | null;
  pipe?.on("error", () => {}); // EPIPE: the bed ended first, and `exit` reports it
  for (;;) {
    if (bed.pid === undefined || bed.exitCode !== null || bed.signalCode !== null) return;
    const init = childOf(bed.pid);
    if (init !== undefined) return void pipe?.write(`${init}\n`);
    await sleep(2);
  }
}

/** The only child of `unshare`, from proc_pid_children(5). */
function childOf(pid: number): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
    return children === "" ? undefined : Number(children.split(" ")[0]);
  } catch {
    return undefined; // ended already
  }
}

/** Hands SIGTERM on to the bed's first process, and waits out SIGINT, which the terminal sends to the whole bed. */
function handleSignals(bed: ChildProcess): () => void {
  const onTerm = () => {
    const init = bed.pid === undefined ? undefined : childOf(bed.pid);
    if (init === undefined) bed.kill("SIGKILL");
    else process.kill(init, "SIGTERM");
  };
  const onInt = () => {};
  process.on("SIGTERM", onTerm).on("SIGHUP", onTerm).on("SIGINT", onInt);
  return () => void process.off("SIGTERM", onTerm).off("SIGHUP", onTerm).off("SIGINT", onInt);
}

function stdioOf({ stdio = "inherit" }: BedOptions) {
  return typeof stdio === "string" ? [stdio, stdio, stdio] : stdio;
}
