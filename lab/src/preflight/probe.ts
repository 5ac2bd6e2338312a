import { spawnSync } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { LabError } from "../errors.ts";
import { judgeMachine, TOOLS, USERNS_SETTINGS } from "./judge.ts";
import type { MachineFacts, UsernsSetting } from "./judge.ts";

/**
 * Fails with everything that keeps the lab from running on this machine. Call it before `runInBed()`.
 *
 * @throws {LabError} CANNOT_MAKE_BED
 */
export function requireMachine(needs: { readonly tun: boolean }): void {
  const obstacles = judgeMachine(probeMachine(), needs);
  if (obstacles.length > 0) throw new LabError({ code: "CANNOT_MAKE_BED", obstacles });
}

/** Looks at the machine; changes nothing. About 30 ms, most of it for a bed on trial. */
export function probeMachine(privileged = process.geteuid?.() === 0): MachineFacts {
  return {
    rootless: !privileged,
    bed: tryBed(privileged),
    settings: Object.fromEntries(USERNS_SETTINGS.map((name) => [name, setting(name)])) as Record<UsernsSetting, string | undefined>,
    tun: tryTun(),
    missing: Object.keys(TOOLS).filter((tool) => !isInPath(tool)),
  };
}

/** A mount is tried too: AppArmor lets plain users make a user namespace, but do nothing in it. */
function tryBed(privileged: boolean): MachineFacts["bed"] {
  const flags = [...(privileged ? [] : ["--user", "--map-root-user"]), "--net", "--mount", "--pid", "--fork", "--mount-proc"];
  const trial = spawnSync("unshare", [...flags, "--kill-child", "mount", "-t", "tmpfs", "tmpfs", "/run"], { encoding: "utf8" });
  return trial.status === 0 ? "ok" : { stderr: trial.error?.message ?? trial.stderr };
}

function tryTun(): string {
  try {
    closeSync(openSync("/dev/net/tun", "r+"));
    return "ok";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "an unknown error";
  }
}

function setting(name: string): string | undefined {
  try {
    return readFileSync(join("/proc/sys", ...name.split(".")), "latin1").trim();
  } catch {
    return undefined; // this kernel does not have it
  }
}

function isInPath(tool: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
