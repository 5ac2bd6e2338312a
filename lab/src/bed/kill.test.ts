import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processesWith } from "./testing/processes.ts";
import type { Process } from "./testing/processes.ts";

const LIMIT_MS = 3000;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sdn-lab-kill-"));
  const launcher = fileURLToPath(new URL("testing/launcher.ts", import.meta.url));
  const bed = `${process.execPath} --conditions=source ${launcher}`;
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "kill", private: true, scripts: { bed, rootless: `${bed} --rootless` } }));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a bed through npm and waits until its tenant is up. */
async function startBed(script: string, mark: string): Promise<ChildProcess> {
  const npm = spawn("npm", ["run", script], { cwd: folder, env: { ...process.env, SDN_LAB_MARK: mark }, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  npm.stdout.on("data", (text: Buffer) => (output += text.toString()));
  for (let waited = 0; !output.includes("tenant is up"); waited += 20) {
    if (waited > 15_000) throw new Error(`Cannot start the bed: it said ${JSON.stringify(output)}`);
    await sleep(20);
  }
  return npm;
}

/** Which process each victim is. */
const victims: Record<string, (all: readonly Process[], npm: ChildProcess) => number | undefined> = {
  npm: (_all, npm) => npm.pid,
  "the launcher": (all) => all.find(({ command }) => command.includes("launcher.ts") && !/^(npm|sh) /.test(command))?.pid,
  unshare: (all) => unshareOf(all)?.pid,
  "the bed's first process": (all) => all.find(({ ppid }) => ppid === unshareOf(all)?.pid)?.pid,
};
const unshareOf = (all: readonly Process[]) => all.find(({ command }) => command.startsWith("unshare "));

async function untilGone(mark: string): Promise<{ left: Process[]; ms: number }> {
  const started = performance.now();
  for (;;) {
    const left = processesWith(mark);
    const ms = performance.now() - started;
    if (left.length === 0 || ms > LIMIT_MS) return { left, ms };
    await sleep(20);
  }
}

describe.each(["bed", "rootless"])("kill -9 in a bed started by npm run %s", (script) => {
  for (const [victim, find] of Object.entries(victims))
    it(`of ${victim} leaves nothing behind`, async () => {
      const mark = randomUUID();
      const mounts = readFileSync("/proc/self/mountinfo", "utf8");
      const npm = await startBed(script, mark);
      const all = processesWith(mark);
      // npm, sh, launcher, unshare, init and its watcher, tenant, two holders, the daemon and its sleep
      expect(all.length).toBeGreaterThanOrEqual(10);
      const pid = find(all, npm);
      expect(pid, `${victim} among ${JSON.stringify(all)}`).toBeTypeOf("number");

      process.kill(pid!, "SIGKILL");

      expect((await untilGone(mark)).left).toEqual([]); // and with the last process of each, the namespaces
      expect(readFileSync("/proc/self/mountinfo", "utf8")).toBe(mounts);
      expect(existsSync("/run/sdn-lab")).toBe(false);
    });
});
