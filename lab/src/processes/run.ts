import { execa } from "execa";
import { engine } from "../engine/engine.ts";
import { LabError } from "../errors.ts";

/** How a short command ended. */
export interface Outcome {
  /** Exit code; undefined when a signal or the time limit ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly ms: number;
}

export interface RunOptions {
  /** Standard input; default empty. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Time limit in milliseconds, then SIGKILL; default 30,000, on an emulated processor five times that. */
  readonly timeoutMs?: number;
}

/** Runs a command to its end, whatever that is; only a program that cannot be started at all is an error. */
export async function runAny(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { input = "", env = {}, timeoutMs = 30_000 * engine.slowdown } = options;
  const [file, ...args] = argv as [string, ...string[]];
  const result = await execa(file, args, { input, env, timeout: timeoutMs, reject: false, killSignal: "SIGKILL", stripFinalNewline: false });
  if (result.code === "ENOENT" || result.code === "EACCES")
    throw new LabError({ code: "COMMAND_FAILED", command: argv.join(" "), exit: result.code, stderr: "" });
  const { exitCode, stdout, stderr, timedOut, durationMs } = result;
  return { code: exitCode, stdout, stderr, timedOut, ms: durationMs };
}

/**
 * Runs a command that has to succeed.
 *
 * @returns its standard output
 * @throws {LabError} COMMAND_FAILED with the command line and its standard error
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr, timedOut, ms } = await runAny(argv, options);
  if (code === 0) return stdout;
  const exit = timedOut ? `no end after ${Math.round(ms)} ms` : code === undefined ? "ended by a signal" : `exit code ${code}`;
  throw new LabError({ code: "COMMAND_FAILED", command: argv.join(" "), exit, stderr: stderr.trim() });
}
