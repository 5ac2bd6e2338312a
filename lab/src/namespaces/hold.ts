import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { LabError } from "../errors.ts";
import type { MachinePlan } from "../topology/layout.ts";
import { LAB_DIR, makeFiles, resolvConfTarget } from "./directory.ts";
import type { MachineFiles } from "./directory.ts";

/** The namespaces of a machine, alive as long as the process that holds them. */
export interface Holder {
  readonly name: string;
  readonly pid: number;
  readonly files: MachineFiles;
  /** Ends the holder; the namespaces go with the last process in them. */
  release(): Promise<void>;
}

/**
 * Makes a machine: a network namespace, and a mount namespace in which /run and resolv.conf are its own. The lab's
 * directory stays visible in it.
 *
 * @throws {LabError} COMMAND_FAILED
 */
export async function hold(plan: MachinePlan): Promise<Holder> {
  const files = makeFiles(plan);
  const script = holderScript(plan, files);
  const child = spawn("unshare", ["--net", "--mount", "sh", "-ec", script], { stdio: ["ignore", "pipe", "pipe"] });
  child.unref();
  await untilReady(child, plan.name);
  return {
    name: plan.name,
    pid: child.pid!,
    files,
    async release() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.ref();
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Sysctls come before the cables, so that devices start with them. */
export function holderScript({ sysctls }: Pick<MachinePlan, "sysctls">, files: MachineFiles): string {
  return [
    `mount --bind ${LAB_DIR} ${files.run}${LAB_DIR.slice("/run".length)}`,
    `mount --rbind ${files.run} /run`,
    `mount --bind ${files.resolvConf} ${resolvConfTarget()}`,
    ...sysctls.map((line) => `echo ${line.split("=")[1]} > /proc/sys/${line.split("=")[0]}`),
    "ip link set lo up",
    "echo held",
    "exec sleep infinity",
  ].join("\n");
}

async function untilReady(child: ChildProcess, name: string): Promise<void> {
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [outcome] = await Promise.race([once(child.stdout!, "data"), once(child, "exit"), once(child, "error")]);
  child.stdout!.destroy();
  child.stderr!.destroy();
  if (Buffer.isBuffer(outcome) && outcome.toString() === "held\n") return;
  child.kill("SIGKILL");
  throw new LabError({ code: "COMMAND_FAILED", command: `unshare (machine ${name})`, exit: `ended with ${outcome}`, stderr: stderr.trim() });
}
