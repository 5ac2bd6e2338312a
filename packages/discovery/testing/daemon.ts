import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const run = promisify(execFile);

/** sdn-discoveryd as a process, on a free loopback port. */
export class Daemon {
  readonly port: number;
  readonly http: number;
  readonly #child: ChildProcess;
  log = "";

  private constructor(child: ChildProcess, { port, http }: { port: number; http: number }) {
    this.#child = child;
    this.port = port;
    this.http = http;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.log += text));
  }

  /** Starts it over the folder; does not wait until it answers. */
  static async start(folder: string, args: readonly string[] = ["--upstream", "none"], port?: number): Promise<Daemon> {
    const at = { port: port ?? (await freePort()), http: await freePort() };
    const own = ["--source", folder, "--cluster-name", "east", "--listen", `127.0.0.1:${at.port}`, "--http", `127.0.0.1:${at.http}`];
    const child = spawn(process.execPath, ["--conditions=source", main, ...own, ...args], { stdio: ["ignore", "ignore", "pipe"] });
    return new Daemon(child, at);
  }

  async ready(): Promise<this> {
    for (let i = 0; i < 300; i++) {
      if (this.#child.exitCode !== null) throw new Error(`it exited with ${this.#child.exitCode}: ${this.log}`);
      const response = await fetch(`http://127.0.0.1:${this.http}/readyz`).catch(() => undefined);
      if (response?.ok) return this;
      await sleep(50);
    }
    throw new Error(`it does not become ready: ${this.log}`);
  }

  /** What dig prints with +short, or the status when there is nothing to print. */
  async dig(...args: readonly string[]): Promise<string[]> {
    const { stdout } = await run("dig", ["@127.0.0.1", "-p", String(this.port), "+time=2", "+tries=1", "+noall", "+comments", "+answer", ...args]);
    const answers = stdout.split("\n").filter((line) => line !== "" && !line.startsWith(";"));
    return answers.length > 0 ? answers.map((line) => line.split(/\s+/).slice(4).join(" ")) : [/status: (\w+)/.exec(stdout)?.[1] ?? stdout];
  }

  async get(path: string): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.http}${path}`)).text();
  }

  /** Ends it; returns the exit code, or the signal that ended it. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | string | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, "exit");
      this.#child.kill(signal);
      await exited;
    }
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  /** Waits until it exits by itself. */
  async exited(): Promise<number | null> {
    if (this.#child.exitCode === null) await once(this.#child, "exit");
    return this.#child.exitCode;
  }
}
