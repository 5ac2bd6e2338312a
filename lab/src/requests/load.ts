import { Daemon } from "../processes/daemon.ts";
import { labProgram } from "../processes/node-program.ts";

export interface LoadOptions {
  readonly urls: readonly string[];
  /** Requests a second to each URL. */
  readonly ratePerSecond: number;
  /** Time limit of a request in milliseconds; default 5,000. */
  readonly timeoutMs?: number;
}

/** One request of a load. */
export interface LoadRecord {
  readonly url: string;
  /** Start, in milliseconds since the epoch. */
  readonly at: number;
  readonly ms: number;
  /** Set on success. */
  readonly pod?: string;
  readonly remoteAddress?: string;
  /** "timeout", or the name of the errno: ECONNREFUSED, EAI_AGAIN, … */
  readonly error?: string;
}

/** Requests that go on in the background. */
export class Load {
  readonly #daemon: Daemon;

  private constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  /** @param name unique in the lab: it names the log */
  static async start(entry: readonly string[], name: string, { urls, ratePerSecond, timeoutMs = 5000 }: LoadOptions): Promise<Load> {
    const { argv, env } = labProgram("load", ["--rate", String(ratePerSecond), "--timeout", String(timeoutMs), ...urls]);
    // Names are resolved in libuv's pool: with its four threads, four lookups that wait would keep all others waiting.
    const options = { env: { ...env, UV_THREADPOOL_SIZE: "256" }, ready: /^ready$/m };
    return new Load(await new Daemon(name, [...entry, ...argv], options).start());
  }

  /** The requests that have ended so far, in the order of their ends. */
  records(): LoadRecord[] {
    return readLoad(this.#daemon.log);
  }

  /** Starts no more requests, waits for the open ones, and returns all. */
  async stop(): Promise<LoadRecord[]> {
    await this.#daemon.stop(20_000);
    return this.records();
  }
}

/** Reads the lines of the load program; a line that is being written is left out. */
export function readLoad(log: string): LoadRecord[] {
  const lines = log.slice(0, log.lastIndexOf("\n") + 1).split("\n");
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as LoadRecord);
}
