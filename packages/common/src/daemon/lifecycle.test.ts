import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../../testing/daemon.ts", import.meta.url));

/** Runs the daemon; sends `signal` once it is up; tells how it ended and what it said. */
async function run(way: string, signal?: NodeJS.Signals) {
  const daemon = spawn(process.execPath, ["--conditions=source", script, way]);
  const said = { stdout: "", stderr: "" };
  daemon.stdout.on("data", (chunk: Buffer) => {
    said.stdout += String(chunk);
    if (signal && said.stdout === "up\n") daemon.kill(signal);
  });
  daemon.stderr.on("data", (chunk: Buffer) => void (said.stderr += String(chunk)));
  const [code, endedBy] = (await once(daemon, "close")) as [number | null, string | null];
  return { code, endedBy, ...said };
}

describe("runDaemon()", () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    it(`lets a daemon finish at ${signal}, and exits 0`, async () =>
      expect(await run("serve", signal)).toEqual({ code: 0, endedBy: null, stdout: "up\nfinished\n", stderr: "" }));

  it("lets a daemon finish at a signal that comes while it runs a command", async () =>
    expect(await run("command", "SIGTERM")).toEqual({ code: 0, endedBy: null, stdout: "up\nfinished\n", stderr: "" }));

  it("tells a fault in one line, and exits 1", async () =>
    expect(await run("fault")).toEqual({
      code: 1,
      endedBy: null,
      stdout: "",
      stderr: "sdn-testd: Cannot start: another instance holds the lock sdn-test on this node; stop it first\n",
    }));

  it("shows the stack of a bug, and exits 1", async () => {
    const { code, stderr } = await run("bug");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sdn-testd: TypeError: undefined is not a function\n +at /);
  });

  it("exits 0 at the end, whatever a library left running", async () =>
    expect(await run("done")).toEqual({ code: 0, endedBy: null, stdout: "all said\n", stderr: "" }));
});
