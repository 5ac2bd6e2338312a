import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Sabotage } from "@sdn-tunnel/common/daemon/sabotage";
import type { Sabotaged } from "@sdn-tunnel/common/daemon/sabotage";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { remotePrefixesIn } from "../packets/listing.ts";
import { startWireguardGo } from "../peers/wireguard-go.netns.ts";
import { buildBridge, foreignFlows, startVswitch, trueFlows } from "../wiring/openshift/vswitch.netns.ts";
import { end } from "./node.netns.ts";

// Runs inside namespaces of its own; see kernel/namespace.ts in common. The real daemon on OpenShift SDN's bridge, with
// an nft(8) and an ovs-ofctl(8) that go wrong.
const work = mkdtempSync("/run/tunneld-");
for (const folder of ["east", "west"]) mkdirSync(`${work}/${folder}`);
const run = (line: string, input = ""): string => execFileSync("sh", ["-c", line], { input, encoding: "utf8" });
const vswitch = await startVswitch();
run("ip link set lo up; ip link add eth0 type bridge; ip link set eth0 up; ip addr add 192.0.2.11/25 dev eth0");
buildBridge(trueFlows("networkpolicy"));
run("ip link set tun0 up; ip addr add 10.128.0.1/23 dev tun0; ip route add 10.66.0.0/16 dev eth0 proto 77");
run("nft -f -", "table ip theirs {\n chain c {\n type nat hook postrouting priority 90\n ip daddr 10.66.0.1 snat to 192.0.2.11\n }\n}\n");

/** Everything of others, with the handles that the kernel gave out. */
const foreign = (): string => run("nft -a list table ip theirs; ip route show proto 77") + foreignFlows();
const untouched = foreign();
const mesh = (west: number): string =>
  ["east 10.128.0.0/14", `west 10.${west}.0.0/14`]
    .map((row) => row.split(" "))
    .map(([name, pods]) => `apiVersion: sdn-tunnel.io/v1alpha1\nkind: MeshCluster\nmetadata: {name: ${name}}\nspec: {podCIDRs: [{cidr: ${pods}}]${name === "west" ? ", source: {directory: ../west}" : ""}}\n`)
    .join("---\n");
const publish = (west: number): void => writeFileSync(`${work}/east/mesh.yaml`, mesh(west));

/** Remote prefixes in force: in the packet rules, and in the bridge's flows. */
const inRules = (): string => remotePrefixesIn(run("nft list table inet sdn_tunnel 2>/dev/null || true")).join(" ");
const inFlows = (): string => [...new Set(run("ovs-ofctl -O OpenFlow13 --no-names --no-stats dump-flows br0 cookie=0x5d7e0001/-1").match(/(?<=nw_dst=)10\.1[3-9]\d\.0\.0\/14/g))].join(" ");
const prefix = (west: number): string => `10.${west}.0.0/14`;

const sabotage = new Sabotage(["nft", "ovs-ofctl", "conntrack"]);
process.on("exit", () => sabotage[Symbol.dispose]());
const wireguard = await startWireguardGo("sdn-wg-a");
let daemon: ChildProcess | undefined;
let log = "";
const get = (path: string): Promise<string> => fetch(`http://127.0.0.1:9565/${path}`).then((response) => response.text(), () => "");

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const started = performance.now(); !(await holds()); await sleep(20))
    if (performance.now() - started > 15_000) assert.fail(`waited 15 s until ${what}; log:\n${log}\n${inRules()}\n${inFlows()}`);
}

/** What the daemon counted of what went wrong. */
async function failures(): Promise<number> {
  const counts = (await get("metrics")).matchAll(/^sdn_tunnel_failures_total\{[^}]*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

let west = 132;
/** Publishes another prefix while a program goes wrong: until it is in force everywhere, either it or the old one is. */
async function survives(program: string, fault: Sabotaged, args: string, said?: RegExp): Promise<void> {
  const [from, to] = [west, west === 132 ? 136 : 132];
  const before = await failures();
  log = "";
  sabotage.arm(program, fault, args);
  publish(to);
  await until("the change is applied", () => {
    const now = [inRules(), inFlows()];
    // The old one may be kept until the new one is there: adds come first.
    for (const state of now) assert.ok([prefix(from), prefix(to), [prefix(from), prefix(to)].toSorted().join(" ")].includes(state), `in force is: ${state}`);
    return now.every((state) => state === prefix(to)) && sabotage.done(program);
  });
  if (said) {
    await until("the failure is counted", async () => (await failures()) > before);
    assert.match(log, said);
  }
  await until("it is ready again", async () => (await get("readyz")) === "ok\n");
  assert.equal(foreign(), untouched);
  west = to;
}

const killed = /SIGKILL/;

export const cases: readonly NamespaceCase[] = [
  {
    name: "starts, applies what is published, and forgets older connections although conntrack is killed, and nft after its first write",
    async run() {
      publish(west);
      run("conntrack -I -p udp -s 10.128.0.5 -d 10.132.0.5 --sport 7 --dport 8 --timeout 600");
      sabotage.arm("nft", "killed after", "-f -");
      sabotage.arm("conntrack", "killed at once", "*");
      const main = fileURLToPath(new URL("../main.ts", import.meta.url));
      const flags = ["--source", `${work}/east`, "--cluster-name", "east", "--node-name", "east-1", "--node-ip", "192.0.2.11", "--node-subnet", "10.128.0.0/23", "--address", "10.128.0.1"];
      const argv = ["--conditions=source", main, ...flags, "--state-dir", `${work}/state`, "--run-dir", `${work}/run`];
      daemon = spawn(process.execPath, argv, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, PATH: sabotage.folder } });
      daemon.stderr?.on("data", (text: Buffer) => (log += text.toString()));
      await until("west is applied", () => inRules() === prefix(west) && inFlows() === prefix(west));
      await until("the connection is forgotten", () => !run("conntrack -L -p udp 2>/dev/null").includes("10.132.0.5"));
      assert.ok(sabotage.done("nft") && sabotage.done("conntrack"));
    },
  },
  { name: "nft is killed before it does anything", run: () => survives("nft", "killed at once", "-f -", killed) },
  { name: "nft is killed when it has read half of its input", run: () => survives("nft", "killed half-way", "-f -", killed) },
  { name: "nft is killed when it has written everything", run: () => survives("nft", "killed after", "-f -", killed) },
  { name: "ovs-ofctl is killed before it does anything", run: () => survives("ovs-ofctl", "killed at once", "*--bundle*", killed) },
  { name: "ovs-ofctl is killed when it has read half of its bundle", run: () => survives("ovs-ofctl", "killed half-way", "*--bundle*", killed) },
  { name: "ovs-ofctl is killed when it has written everything", run: () => survives("ovs-ofctl", "killed after", "*--bundle*", killed) },
  { name: "ovs-ofctl is killed when it has listed half of our flows", run: () => survives("ovs-ofctl", "cut", "*dump-flows*cookie=*", killed) },
  { name: "ovs-ofctl lists half of our flows, and ends as if that were all", run: () => survives("ovs-ofctl", "cut quietly", "*dump-flows*cookie=*") },
  { name: "ovs-ofctl prints something else where our flows should be", run: () => survives("ovs-ofctl", "garbage", "*dump-flows*cookie=*") },
  { name: "ovs-ofctl prints something else where the ports should be", run: () => survives("ovs-ofctl", "garbage", "*dump-ports-desc*") },
  ...["nft", "ovs-ofctl"].map((program) => ({
    name: `${program} is not there for a while`,
    async run() {
      const [from, to] = [west, west === 132 ? 136 : 132];
      log = "";
      const before = await failures();
      const restore = sabotage.remove(program);
      publish(to);
      await until("it says what is missing", () => /is not installed; Debian has it in (?:nftables|openvswitch-switch)/.test(log));
      if (program === "nft") assert.equal(inRules(), prefix(from));
      else assert.equal(inFlows(), prefix(from));
      restore();
      await until("the change is applied", () => inRules() === prefix(to) && inFlows() === prefix(to));
      assert.ok((await failures()) > before);
      assert.equal(foreign(), untouched);
      west = to;
    },
  })),
  {
    name: "ends",
    async run() {
      await end(daemon, "SIGTERM");
      await end(wireguard, "SIGTERM");
      assert.ok(vswitch);
    },
  },
];
