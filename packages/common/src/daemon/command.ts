import { execa } from "execa";
import { CommonError } from "../errors.ts";

export interface CommandOptions {
  /** Standard input; secrets go here, never into argv. */
  readonly input?: string;
  /** Milliseconds until the command is killed; default 30 s. */
  readonly timeoutMs?: number;
}

/** Runs a program of the system: the only door through which the daemons start processes. */
export interface CommandRunner {
  /**
   * Resolves to standard output.
   *
   * @throws {CommonError} `COMMAND_FAILED` with command line, exit and stderr; `COMMAND_MISSING`
   */
  run(argv: readonly [string, ...string[]], options?: CommandOptions): Promise<string>;
}

/** Debian's package for each program that a daemon may run. */
const packages: Readonly<Record<string, string>> = {
  nft: "nftables",
  conntrack: "conntrack",
  ipvsadm: "ipvsadm",
  "ovs-ofctl": "openvswitch-switch",
};

/** Milliseconds that a program may take to end once it is told to. */
const LAST_WORDS_MS = 500;

export function createCommandRunner(): CommandRunner {
  return {
    async run([program, ...args], { input, timeoutMs = 30_000 } = {}) {
      const running = execa(program, args, {
        reject: false,
        timeout: timeoutMs,
        forceKillAfterDelay: LAST_WORDS_MS,
        maxBuffer: 512 * 1024 * 1024,
        stripFinalNewline: false,
        ...(input === undefined ? { stdin: "ignore" } : { input }),
      });
      // What it has started itself may hold its output open, and would be waited for.
      const overdue = setTimeout(() => [running.stdout, running.stderr].forEach((stream) => stream.destroy()), timeoutMs + 2 * LAST_WORDS_MS);
      const result = await running;
      clearTimeout(overdue);
      if (!result.failed) return result.stdout;
      const command = [program, ...args].join(" ");
      if (result.code === "ENOENT")
        throw new CommonError({ code: "COMMAND_MISSING", command, debianPackage: packages[program] ?? program });
      throw new CommonError(
        { code: "COMMAND_FAILED", command, exit: exitOf(result, timeoutMs), stderr: result.stderr.trim().slice(0, 2000) },
        { cause: result.cause },
      );
    },
  };
}

/**
 * Whether a program did not come to its end by itself: it was killed, took too long, or is not there. What it was to
 * do may have been done or not, and doing a part of it instead makes nothing better.
 */
export function wasInterrupted(error: unknown): boolean {
  const fault = error instanceof CommonError ? error.fault : undefined;
  return fault?.code === "COMMAND_MISSING" || (fault?.code === "COMMAND_FAILED" && !fault.exit.startsWith(EXITED));
}

/** With what a failure begins that the program itself told. */
const EXITED = "exit code";

interface Ending {
  readonly timedOut: boolean;
  readonly signal?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly code?: string | undefined;
}

function exitOf({ timedOut, signal, exitCode, code }: Ending, timeoutMs: number): string {
  if (timedOut) return `killed after ${timeoutMs} ms`;
  if (signal !== undefined) return `ended by ${signal}`;
  return exitCode === undefined ? `not started (${code ?? "unknown"})` : `${EXITED} ${exitCode}`;
}
