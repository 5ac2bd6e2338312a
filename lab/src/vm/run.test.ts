import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processesWith } from "../bed/testing/processes.ts";
import { REPOSITORY } from "../processes/node-program.ts";
import { prepareVm } from "./prepare.ts";
import { runInVm } from "./run.ts";
import type { VmOptions } from "./run.ts";

const cache = join(REPOSITORY, ".cache/vm");
const scratch = mkdtempSync(join(tmpdir(), "sdn-vm-"));

/** Ten times what a test takes on an idle machine: other programs run on this one too. */
const PATIENCE_MS = 120_000;

// The first run on a machine fetches the packages.
beforeAll(() => prepareVm(cache, () => {}), 600_000);
afterAll(() => rmSync(scratch, { recursive: true }));

/** Every qemu of this file carries it in its environment. */
const mark = (process.env["SDN_LAB_MARK"] = randomUUID());
const qemus = () => processesWith(mark).filter(({ command }) => command.includes("qemu-system"));

async function run(options: Pick<VmOptions, "argv"> & Partial<VmOptions>) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const output = [text(stdout), text(stderr)];
  const { code, release } = await runInVm({ timeoutMs: PATIENCE_MS, cache, ...options, stdout, stderr }).finally(() => (stdout.end(), stderr.end()));
  const [out, err] = (await Promise.all(output)) as [string, string];
  return { code, release, out: out.trimEnd().split("\n"), err };
}

describe("runInVm()", () => {
  it("has the data planes of a stock kernel, and gives back output, errors and exit code", { timeout: PATIENCE_MS }, async () => {
    const script = join(import.meta.dirname, "testing/data-plane.sh");
    const { code, release, out, err } = await run({ argv: ["bash", script], env: { WRITABLE: scratch }, writable: [scratch] });
    expect(out).toEqual([
      release,
      "wireguard: 5555",
      "-A -t 192.0.2.1:80 -s rr",
      "-a -t 192.0.2.1:80 -r 192.0.2.2:8080 -m -w 1",
      "-A -t [2001:db8::1]:80 -s wlc",
      "nft: 1",
      "net.bridge.bridge-nf-call-iptables = 1",
      "system@ovs-system:",
      "/usr/written-by-the-guest",
    ]);
    expect({ code, err }).toEqual({ code: 7, err: "a word on standard error\n" });
    expect(existsSync("/usr/written-by-the-guest"), "the host's own files").toBe(false);
    expect(existsSync(join(scratch, "written")), "a writable folder").toBe(true);
  });

  it("says that the kernel panicked, with the console's last lines", { timeout: PATIENCE_MS }, async () => {
    const crash = run({ argv: ["sh", "-c", "echo c >/proc/sysrq-trigger"] });
    await expect(crash).rejects.toThrow(/kernel panicked while the program ran: sysrq triggered crash; its console says:\n.*sysrq/s);
  });

  it("ends a hung guest", { timeout: PATIENCE_MS }, async () => {
    const hung = run({ argv: ["sleep", "infinity"], timeoutMs: 2000 });
    await expect(hung).rejects.toThrow(/^Cannot wait longer for the VM: no end after 2000 ms, ended it while /);
    expect(qemus()).toEqual([]);
  });

  it("ends at once for a signal that comes before the program runs", { timeout: PATIENCE_MS }, async () => {
    const launcher = launch("sleep", "infinity");
    while (qemus().length === 0) await sleep(20);
    launcher.kill("SIGTERM");
    expect(await once(launcher, "exit")).toEqual([143, null]);
    expect(qemus()).toEqual([]);
  });

  it("hands signals on, and leaves nothing behind when it is killed", { timeout: PATIENCE_MS }, async () => {
    const script = "trap 'echo got TERM' TERM; trap 'echo got INT' INT; echo up; while :; do sleep 0.1; done";
    const before = readdirSync(cache);
    const launcher = launch("bash", "-c", script);
    const printed = outputOf(launcher);
    await printed("up");
    launcher.kill("SIGTERM");
    await printed("got TERM");
    launcher.kill("SIGINT");
    await printed("got INT");
    expect(qemus()).toHaveLength(1);
    launcher.kill("SIGKILL");
    await once(launcher, "exit");
    for (let waited = 0; qemus().length > 0 && waited < 3000; waited += 50) await sleep(50);
    expect(qemus()).toEqual([]);
    expect(readdirSync(cache)).toEqual(before);
  });
});

/** Runs a command in the VM by a process of its own. */
function launch(...command: string[]): ChildProcess {
  const argv = ["--conditions=source", join(import.meta.dirname, "testing/launch.ts"), ...command];
  return spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
}

/** Waits for a line of the child's output. */
function outputOf(child: ChildProcess) {
  let output = "";
  child.stdout!.on("data", (piece: Buffer) => (output += piece.toString()));
  return async (line: string): Promise<void> => {
    while (!output.split("\n").includes(line)) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`Cannot see "${line}" before the end of ${JSON.stringify(output)}`);
      await sleep(20);
    }
  };
}
