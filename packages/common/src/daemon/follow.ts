import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Runs a program that goes on and on, such as a monitor, and hands on what it prints. */
export interface CommandFollower {
  /**
   * Resolves when the program has ended, with why: the last line of its standard error, else its exit. It ends with
   * `signal`.
   *
   * @param line told each line of its standard output and standard error
   */
  follow(argv: readonly [string, ...string[]], line: (text: string) => void, signal: AbortSignal): Promise<string>;
}

export const commandFollower: CommandFollower = {
  async follow([program, ...args], line, signal) {
    if (signal.aborted) return "not started";
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    const stop = (): void => void child.kill();
    signal.addEventListener("abort", stop, { once: true });
    let last = "";
    createInterface({ input: child.stdout }).on("line", line);
    createInterface({ input: child.stderr }).on("line", line).on("line", (text) => (last = text.slice(0, 2000)));
    try {
      const [code, killer] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
      return last || (killer === null ? `exit code ${code}` : `ended by ${killer}`);
    } catch (error) {
      return `not started: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  },
};
