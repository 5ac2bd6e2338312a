import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";

const run = JSON.stringify(new URL("run.mjs", import.meta.url).href);

/** Starts a Node that runs `child` through runToEnd(), and waits until that has run and the process id is printed. */
async function start(child: string): Promise<{ parent: ChildProcess; childPid: number }> {
  const text = `import(${run}).then(({ runToEnd }) =>
    runToEnd(process.execPath, ["--eval", ${JSON.stringify(`${child}; console.log(process.pid);`)}], { cwd: "/", env: process.env }))`;
  const parent = spawn(process.execPath, ["--eval", text], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface(parent.stdout), "line");
  return { parent, childPid: Number(line) };
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const waitsForever = "setInterval(() => {}, 1000);";

describe("runToEnd", () => {
  it("ends with the child's exit code", async () => {
    const { parent } = await start("process.exitCode = 42");
    expect(await once(parent, "exit")).toEqual([42, null]);
  });

  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const) {
    it(`passes ${signal} to the child, and dies of what the child died of`, async () => {
      const { parent, childPid } = await start(waitsForever);
      parent.kill(signal);
      expect(await once(parent, "exit")).toEqual([null, signal]);
      expect(isAlive(childPid)).toBe(false);
    });
  }

  it("lets the child decide what a signal means", async () => {
    const { parent } = await start(`process.on("SIGTERM", () => process.exit(3)); ${waitsForever}`);
    parent.kill("SIGTERM");
    expect(await once(parent, "exit")).toEqual([3, null]);
  });

  it("ends the child when its own parent is killed", async () => {
    const text = `const { spawn } = require("node:child_process");
      spawn(process.execPath, ["--eval", ${JSON.stringify(
        `import(${run}).then(({ runToEnd }) => runToEnd(process.execPath, ["--eval", ${JSON.stringify(
          `console.log(process.pid); ${waitsForever}`,
        )}], { cwd: "/", env: process.env }))`,
      )}], { stdio: "inherit" })`;
    const npm = spawn(process.execPath, ["--eval", text], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(createInterface(npm.stdout), "line");
    npm.kill("SIGKILL");
    await expect.poll(() => isAlive(Number(line)), { timeout: 5000 }).toBe(false);
  });
});
