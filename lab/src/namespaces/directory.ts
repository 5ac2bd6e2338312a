import { existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { renderResolvConf } from "../topology/layout.ts";
import type { MachinePlan } from "../topology/layout.ts";

/** Where everything that a lab writes lives: the bed's own tmpfs. */
export const LAB_DIR = "/run/sdn-lab";

/** A machine's files, readable from the whole bed. */
export interface MachineFiles {
  /** What the machine sees as /run. */
  readonly run: string;
  /** For what has to survive a daemon's restart. */
  readonly state: string;
  readonly resolvConf: string;
}

export function filesOf(machine: string): MachineFiles {
  const folder = join(LAB_DIR, "machines", machine.replaceAll("/", "."));
  return { run: join(folder, "run"), state: join(folder, "state"), resolvConf: join(folder, "resolv.conf") };
}

/** Makes a machine's folders and its resolv.conf. */
export function makeFiles({ name, resolv }: MachinePlan): MachineFiles {
  const files = filesOf(name);
  mkdirSync(files.state, { recursive: true });
  for (const folder of ["lock", LAB_DIR.slice("/run/".length)]) mkdirSync(join(files.run, folder), { recursive: true });
  writeFileSync(files.resolvConf, renderResolvConf(resolv));
  const target = resolvConfTarget();
  if (target.startsWith("/run/")) {
    const seen = join(files.run, target.slice("/run/".length));
    mkdirSync(dirname(seen), { recursive: true });
    if (!existsSync(seen)) writeFileSync(seen, "");
  }
  return files;
}

/** What /etc/resolv.conf is in the end; on systemd machines a file below /run. */
export const resolvConfTarget = (): string => realpathSync("/etc/resolv.conf");
