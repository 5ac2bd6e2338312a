import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { engine } from "../engine/engine.ts";
import { LabError } from "../errors.ts";
import { LAB_DIR } from "../namespaces/directory.ts";

export interface DaemonOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** A line of its log that says that it is ready; without it, the daemon counts as ready at once. */
  readonly ready?: RegExp;
  /** Longest wait for that line in milliseconds; default 15,000, on an emulated processor five times that. */
  readonly readyTimeoutMs?: number;
}

/** A process that runs until it is told otherwise. Its output goes to a file, also over restarts. */
export class Daemon {
  readonly name: string;
  readonly logFile: string;
  readonly #argv: readonly string[];
  readonly #options: DaemonOptions;
  #child: ChildProcess | undefined;
  #logStart = 0;

  /** @param argv must replace itself by the daemon, as nsenter(1) does, so that its pid is the daemon's */
  constructor(name: string, argv: readonly string[], options: DaemonOptions = {}) {
    this.name = name;
    this.logFile = join(LAB_DIR, "logs", `${name.replaceAll("/", ".")}.log`);
    this.#argv = argv;
    this.#options = options;
  }

  /** Undefined while it is not running. */
  get pid(): number | undefined {
    return this.running ? this.#child!.pid : undefined;
  }

  get running(): boolean {
    return this.#child?.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it has written, of all its runs. */
  get log(): string {
    return readFileSync(this.logFile, "utf8");
  }

  /**
   * Starts it, and waits until it is ready.
   *
   * @throws {LabError} NOT_READY with the end of its log, also when it ends before
   */
  async start(): Promise<this> {
    mkdirSync(join(LAB_DIR, "logs"), { recursive: true });
    const output = openSync(this.logFile, "a");
    this.#logStart = readFileSync(this.logFile).length;
    const [file, ...args] = this.#argv as [string, ...string[]];
    this.#child = spawn(file, args, { stdio: ["ignore", output, output], env: { ...process.env, ...this.#options.env } });
    this.#child.once("error", () => {}); // without a pid it is not running, which untilReady() reports
    this.#child.unref();
    closeSync(output);
    if (this.#options.ready) await this.waitForLog(this.#options.ready, this.#options.readyTimeoutMs);
    return this;
  }

  /** Waits for a line of the current run's log. */
  async waitForLog(pattern: RegExp, timeoutMs = 15_000 * engine.slowdown): Promise<void> {
    const started = performance.now();
    for (;;) {
      const text = readFileSync(this.logFile).subarray(this.#logStart).toString("utf8");
      if (pattern.test(text)) return;
      const waitedMs = Math.round(performance.now() - started);
      if (!this.running || waitedMs > timeoutMs)
        throw new LabError({ code: "NOT_READY", object: this.name, waitedMs, log: text.trimEnd().split("\n").slice(-5).join("\n") });
      await sleep(10);
    }
  }

  /** Ends it by a signal and waits until it has ended; does nothing when it is not running. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (!this.running) return;
    const ended = once(this.#child!, "exit");
    this.#child!.ref();
    this.#child!.kill(signal);
    await ended;
  }

  /** SIGTERM; SIGKILL when it has not ended within `graceMs`. */
  async stop(graceMs = 5000): Promise<void> {
    const timer = setTimeout(() => this.#child?.kill("SIGKILL"), graceMs);
    await this.kill("SIGTERM");
    clearTimeout(timer);
  }

  async restart(signal: NodeJS.Signals = "SIGKILL"): Promise<this> {
    await this.kill(signal);
    return await this.start();
  }
}
