import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { OpenVswitch } from "./provide.ts";

/** Where the programs look for each other when nobody tells them. */
const RUN_DIR = "/var/run/openvswitch";

/** An Open vSwitch of its own, for tests: in namespaces of the caller's own, whose /run is empty. */
export interface RunningVswitch {
  /** Ends ovs-vswitchd, which takes every flow with it, and starts it again. */
  restart(): Promise<void>;
}

/**
 * Starts database and daemon, with the userspace datapath only where a bridge asks for it (`datapath_type=netdev`).
 *
 * @param needs from `provideOpenVswitch()`; its path becomes this process's
 */
export async function startOpenVswitch({ path, schema }: OpenVswitch): Promise<RunningVswitch> {
  process.env["PATH"] = path;
  mkdirSync(RUN_DIR, { recursive: true });
  execFileSync("ovsdb-tool", ["create", `${RUN_DIR}/conf.db`, schema]);
  start("ovsdb-server", [`${RUN_DIR}/conf.db`, `--remote=punix:${RUN_DIR}/db.sock`, "-vconsole:off"]);
  while (!existsSync(`${RUN_DIR}/db.sock`)) await sleep(10);
  execFileSync("ovs-vsctl", ["--no-wait", "init", "--", "set", "Open_vSwitch", ".", "other_config:n-handler-threads=1", "other_config:n-revalidator-threads=1"]);
  let daemon = start("ovs-vswitchd", ["-vconsole:off"]);
  return {
    async restart() {
      daemon.kill("SIGKILL");
      daemon = start("ovs-vswitchd", ["-vconsole:off"]);
    },
  };
}

const start = (program: string, args: readonly string[]): ChildProcess => spawn(program, args, { stdio: "ignore" });
