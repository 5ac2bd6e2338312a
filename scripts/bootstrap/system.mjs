import { spawnSync } from "node:child_process";
import { decideInstallation, missingPackages } from "./decide.mjs";
import { Problem } from "./problem.mjs";
import { say } from "./say.mjs";
import { findProgram, packageOf } from "./tools.mjs";

/**
 * Brings missing Debian packages onto the machine, or ends with the one command that would.
 *
 * @param {readonly string[]} directories where programs are looked for
 * @param {readonly string[]} further packages that are missing besides those of the tool table
 */
export function ensureTools(directories, further) {
  /** @param {string} program */
  const has = (program) => findProgram(program, directories) !== undefined;
  const packages = [...missingPackages(packageOf, has), ...further].toSorted();
  if (packages.length === 0) return;
  const decision = decideInstallation(packages, probeMachine(has));
  if (decision.kind === "ask") throw new Problem(decision.message);
  if (decision.kind === "install") for (const step of decision.commands) runStep(step);
  const still = missingPackages(packageOf, has);
  if (still.length > 0) throw new Problem(`Cannot find the programs of ${still.join(" ")}, though apt-get installed them`);
}

/** @param {(program: string) => boolean} has @returns {import("./decide.mjs").Machine} */
function probeMachine(has) {
  return {
    platform: process.platform,
    root: process.geteuid?.() === 0,
    aptGet: has("apt-get"),
    sudo: has("sudo"),
    sudoWithoutPassword: spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0,
  };
}

/** @param {readonly string[]} step */
function runStep([program = "", ...args]) {
  say([program, ...args].join(" "));
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status, error } = spawnSync(program, args, { stdio: ["ignore", 2, 2], env });
  if (status === 0) return;
  const reason = error ? error.message : `it ended with ${status ?? "a signal"}, its reason stands above`;
  throw new Problem(`Cannot run ${[program, ...args].join(" ")}: ${reason}`);
}
