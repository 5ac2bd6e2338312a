import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { startWireguardGo } from "../peers/wireguard-go.netns.ts";
import { buildBridge, datapath, foreignFlows, slowdown, startVswitch, trueFlows } from "../wiring/openshift/vswitch.netns.ts";
import { end } from "./node.netns.ts";

// Runs inside namespaces of its own; see kernel/namespace.ts in common.
const program = process.env["SDN_BED_TUNNELD"] ?? fileURLToPath(new URL("../main.ts", import.meta.url));
const work = mkdtempSync("/run/tunneld-");
for (const folder of ["east", "west"]) mkdirSync(`${work}/${folder}`);
writeFileSync(
  `${work}/east/mesh.yaml`,
  ["east 10.128.0.0/14 172.30.0.0/16", "west 10.132.0.0/14 172.31.0.0/16"]
    .map((row) => row.split(" "))
    .map(([name, pods, services]) => `apiVersion: sdn-tunnel.io/v1alpha1
kind: MeshCluster
metadata: {name: ${name}}
spec: {podCIDRs: [{cidr: ${pods}}], serviceCIDRs: [{cidr: 172.30.0.0/16, as: ${services}}]${name === "west" ? ", source: {directory: ../west}" : ""}}
`)
    .join("---\n"),
);
const argv = [
  ...["--conditions=source", program, "--source", `${work}/east`, "--cluster-name", "east", "--node-name", "east-1", "--node-ip", "192.0.2.11"],
  ...["--node-subnet", "10.128.0.0/23", "--address", "10.128.0.1", "--state-dir", `${work}/state`, "--run-dir", `${work}/run`],
];

const vswitch = await startVswitch();
const rebuild = (): void => {
  buildBridge(trueFlows("networkpolicy"));
  execFileSync("sh", ["-c", "ip link set tun0 up && ip addr add 10.128.0.1/23 dev tun0"]);
};
execFileSync("sh", ["-c", "ip link set lo up && ip link add eth0 type bridge && ip link set eth0 up && ip addr add 192.0.2.11/25 dev eth0"]);
rebuild();
const foreign = foreignFlows();
const ours = (): string[] => flows().filter((line) => line.includes("cookie=0x5d7e0001"));
const flows = (): string[] => spawnSync("ovs-ofctl", ["-O", "OpenFlow13", "--no-names", "--no-stats", "dump-flows", "br0"], { encoding: "utf8" }).stdout.split("\n");
const get = (path: string): string => spawnSync("curl", ["--silent", `http://127.0.0.1:9565/${path}`], { encoding: "utf8" }).stdout;

async function untilThere(): Promise<number> {
  const started = performance.now();
  while (performance.now() - started < 10_000 * slowdown) {
    if (ours().length === 3) return performance.now() - started;
    await sleep(20);
  }
  throw new Error(`Cannot find three flows within ${10 * slowdown} s: ${get("status")}`);
}

async function lastsUnder1s(disturb: () => void | Promise<void>): Promise<void> {
  await disturb();
  const ms = await untilThere();
  assert.ok(ms < 1000 * slowdown, `the flows were back after ${Math.round(ms)} ms`);
}

const wireguard = datapath === "netdev" ? await startWireguardGo("sdn-wg-a") : undefined; // a kernel that has the datapath has WireGuard
let daemon: ChildProcess | undefined;

export const cases: readonly NamespaceCase[] = [
  {
    name: "rehearses the bundle, and says which wiring and why",
    run() {
      const printed = execFileSync(process.execPath, [...argv, "--dry-run"], { encoding: "utf8" });
      assert.match(printed, /^# wiring: openshift-sdn: pods go by br0 .*networkpolicy mode; the note of br0 says networkpolicy \(02\.0d/m);
      assert.match(printed, /^ovs-ofctl -O OpenFlow13 --bundle add-flows br0 - <<'END'\n(add cookie=0x5d7e0001,.*\n){3}END$/m);
      assert.deepEqual(ours(), []);
      return Promise.resolve();
    },
  },
  {
    name: "writes the flows, and leaves those of the SDN as they are",
    async run() {
      daemon = spawn(process.execPath, argv, { stdio: ["ignore", "ignore", "inherit"] });
      await untilThere();
      assert.equal(foreignFlows(), foreign);
      assert.match(get("status"), /"wiring":\s*"openshift-sdn: /);
      assert.match(get("metrics"), /^sdn_tunnel_wiring\{wiring="openshift-sdn",reason="the note of br0 says networkpolicy/m);
    },
  },
  { name: "has them back within a second when br0 is rebuilt", run: () => lastsUnder1s(rebuild) },
  {
    name: "has them back within a second when ovs-vswitchd is restarted, and counts all that was lost",
    async run() {
      await sleep(600 * slowdown); // the monitor holds again
      await lastsUnder1s(() => vswitch.restart());
      await sleep(200 * slowdown); // ovs-ofctl ends after the flows are there
      assert.equal(/^sdn_tunnel_flows_restored_total (\d+)$/m.exec(get("metrics"))?.[1], "6");
    },
  },
  {
    name: "leaves them when it is told to end, and removes them with --cleanup, and no others",
    async run() {
      rebuild();
      await untilThere();
      await end(daemon, "SIGTERM");
      assert.equal(ours().length, 3);
      execFileSync(process.execPath, [...argv, "--cleanup"], { stdio: "pipe" });
      assert.deepEqual([ours(), foreignFlows()], [[], foreign]);
      await end(wireguard, "SIGTERM");
    },
  },
];
