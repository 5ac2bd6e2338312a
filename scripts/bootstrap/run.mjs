import { spawn } from "node:child_process";
import { constants } from "node:os";

/** A terminal sends these to every process of the foreground group: there the child has its own copy. */
const keyboardSignals = /** @type {const} */ (["SIGINT", "SIGQUIT"]);
const otherSignals = /** @type {const} */ (["SIGTERM", "SIGHUP"]);

/** How often the parent is looked at, and how long a child may take to end, both in ms. */
const parentPeriod = 500;
const patience = 10_000;

/**
 * Runs one child to its end with our standard streams: signals go in, its exit code or signal comes out.
 *
 * The child is ended when our own parent is gone (npm killed by `kill -9` tells nobody). When we are killed that way
 * ourselves, the child sees its parent process id change.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<void>} with `process.exitCode` set; a child that ended by a signal takes this process with it
 */
export function runToEnd(program, args, options) {
  const child = spawn(program, args, { ...options, stdio: "inherit" });
  for (const signal of otherSignals) process.on(signal, () => child.kill(signal));
  for (const signal of keyboardSignals) process.on(signal, () => process.stdin.isTTY || child.kill(signal));
  const watch = endWithParent(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      clearInterval(watch);
      if (signal) dieOf(signal);
      process.exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
      resolve();
    });
  });
}

/** @param {import("node:child_process").ChildProcess} child */
function endWithParent(child) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), patience).unref();
  }, parentPeriod);
  watch.unref();
  return watch;
}

/** @param {NodeJS.Signals} signal */
function dieOf(signal) {
  for (const handled of [...otherSignals, ...keyboardSignals]) process.removeAllListeners(handled);
  process.kill(process.pid, signal);
}
