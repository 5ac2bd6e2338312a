import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { residentMegabytes } from "./memory.ts";
import type { Resident } from "./memory.ts";

const [PATIENCE_MS, REST_MS, WORK_MS] = [180_000, 2000, 30_000];

/** A daemon to be watched. */
export interface Watched {
  readonly argv: readonly string[];
  /** Whether everything is in place. */
  readonly isLoaded: () => boolean | Promise<boolean>;
  /** Makes it look at everything again; called at most once a second. */
  readonly poke: (i: number) => void;
}

/** Starts a daemon and reads its resident memory once it is loaded, and again after it has worked for nothing. */
export async function watchDaemon({ argv, isLoaded, poke }: Watched): Promise<Resident> {
  const [command = "", ...args] = argv;
  const daemon = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  daemon.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-4000)));
  const pid = daemon.pid ?? 0;
  try {
    const end = Date.now() + PATIENCE_MS;
    while (!(await isLoaded())) {
      if (daemon.exitCode !== null || Date.now() > end) throw new Error(`Cannot measure: the daemon does not load: ${said}`);
      await sleep(500);
    }
    return await watchProcess(pid, poke);
  } finally {
    daemon.kill("SIGKILL");
  }
}

/** The same of a process that is loaded. */
export async function watchProcess(pid: number, poke: (i: number) => unknown): Promise<Resident> {
  await sleep(REST_MS);
  const loaded = residentMegabytes(pid);
  const end = Date.now() + WORK_MS;
  for (let i = 0; Date.now() < end; i++) await Promise.all([poke(i), sleep(1000)]);
  return { loaded, worked: residentMegabytes(pid) };
}
