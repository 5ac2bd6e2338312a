import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { nodeProgram, REPOSITORY } from "@sdn-tunnel/lab/processes/node-program";

// sdn-tunneld itself on a kernel with WireGuard, over the example of its README. The cases build on one another.
const DEVICE = "sdn-wg-a";
const HTTP = "http://127.0.0.1:9565";
const work = mkdtempSync(join(tmpdir(), "tunneld-"));
const { argv: [node = "", ...program], env } = nodeProgram("packages/tunnel/src/main.ts");
const flags = ["--source", join(work, "east"), "--cluster-name", "east", "--node-name", "east-1", "--address", "10.128.0.1"];
const places = ["--state-dir", join(work, "state"), "--run-dir", join(work, "run")];
let daemon: ChildProcess | undefined;

const shell = (line: string): string => execFileSync("sh", ["-c", line], { encoding: "utf8" });
const tunneld = (...more: string[]): string => execFileSync(node, [...program, ...flags, ...places, ...more], { encoding: "utf8", env: { ...process.env, ...env } });
const device = (): { index: string; peers: string[] } => ({
  index: shell(`ip -o link show ${DEVICE}`).split(":")[0] ?? "",
  peers: shell(`wg show ${DEVICE} allowed-ips`).trim().split("\n").toSorted(),
});

async function start(): Promise<void> {
  daemon = spawn(node, [...program, ...flags, ...places], { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...env } });
  await until("it is ready", async () => (await fetch(`${HTTP}/readyz`)).ok);
}

async function stop(): Promise<void> {
  daemon?.kill("SIGTERM");
  assert.deepEqual(await once(daemon!, "exit"), [0, null]);
}

async function until(what: string, check: () => Promise<boolean> | boolean): Promise<number> {
  const started = performance.now();
  let problem = "not so";
  while (performance.now() - started < 60_000) {
    const good = await Promise.resolve()
      .then(check)
      .catch((error: Error) => ((problem = error.message), false));
    if (good) return performance.now() - started;
    await sleep(50);
  }
  throw new Error(`Cannot see that ${what}: ${problem}`);
}

const wanted = {
  peers: [
    "A3ap5FLRP+sfxUf3JIUNvpADjrJWq7BcNL6kw8Yz+n4=\t10.132.0.0/23 fd00:132:0:1::/64",
    "w/+TKuEV44Xzn8MbU2JK4L5gsINCCHFBZddLQ/2QQBc=\t10.132.2.0/23 fd00:132:0:2::/64",
  ],
  routes: 2,
};

export const cases: readonly NamespaceCase[] = [
  {
    name: "shows in a rehearsal that the device would be made, and makes none",
    async run() {
      for (const folder of ["east", "west"]) cpSync(join(REPOSITORY, "packages/tunnel/example", folder), join(work, folder), { recursive: true });
      for (const line of ["link set lo up", "link add cni0 type bridge", "link set cni0 up", "addr add 10.128.0.1/23 dev cni0"]) shell(`ip ${line}`);
      const printed = tunneld("--dry-run", "--device-driver", "kernel");
      assert.match(printed, /^# wireguard: kernel, by generic netlink: --device-driver kernel$/m);
      assert.match(printed, /^ip link add sdn-wg-a type wireguard\nwg set sdn-wg-a private-key/m);
      assert.throws(device, /does not exist/);
    },
  },
  {
    name: "takes the place of a tun, and says whose WireGuard it drives",
    async run() {
      shell(`ip tuntap add ${DEVICE} mode tun`);
      await start();
      const { dataPlane } = (await (await fetch(`${HTTP}/status`)).json()) as { dataPlane: Record<string, string> };
      assert.equal(dataPlane["wireguard"], "kernel, by generic netlink: it makes WireGuard devices");
      const metrics = await (await fetch(`${HTTP}/metrics`)).text();
      assert.match(metrics, /^sdn_tunnel_device_driver\{driver="kernel",reason="it makes WireGuard devices"\} 1$/m);
      assert.deepEqual(device().peers, wanted.peers);
    },
  },
  {
    name: "adopts the device after a restart",
    async run() {
      const before = device();
      await stop();
      await start();
      assert.deepEqual(device(), before);
    },
  },
  {
    name: "makes the device again that somebody deleted, with its peers and routes",
    async run() {
      shell(`ip link del ${DEVICE}`);
      const ms = await until("peers and routes are back", () => {
        const routes = shell("ip route show table 5555").trim().split("\n").length;
        return device().peers.join() === wanted.peers.join() && routes === wanted.routes;
      });
      console.error(`deleted device: back after ${ms.toFixed(0)} ms`);
    },
  },
  {
    name: "removes the device by --cleanup, and nothing of others",
    async run() {
      await stop();
      shell("ip link add foreign0 type wireguard");
      tunneld("--cleanup");
      assert.throws(device, /does not exist/);
      assert.match(shell("ip -o link show type wireguard"), /foreign0/);
      assert.equal(shell("ip route show table 5555 2>/dev/null || true"), "");
    },
  },
];
