import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { nodeProgram, REPOSITORY } from "@sdn-tunnel/lab/processes/node-program";

// sdn-proxyd itself on a kernel with IPVS, over the example of its README. The cases build on one another.
const HTTP = "http://127.0.0.1:9566";
const work = mkdtempSync(join(tmpdir(), "proxyd-"));
const { argv: [node = "", ...program], env } = nodeProgram("packages/proxy/src/main.ts");
const flags = ["--source", join(work, "east"), "--cluster-name", "east", "--node-name", "east-1", "--address", "10.128.0.1", "--address", "fd00:128::1"];
const places = ["--state-dir", join(work, "state"), "--run-dir", join(work, "run")];
let daemon: ChildProcess | undefined;

const shell = (line: string): string => execFileSync("sh", ["-c", line], { encoding: "utf8" });
const proxyd = (...more: string[]): string => execFileSync(node, [...program, ...flags, ...places, ...more], { encoding: "utf8", env: { ...process.env, ...env } });
const services = (): string[] => shell("ipvsadm -Sn").trim().split("\n").map((line) => line.trim()).toSorted();
const localRoutes = (): string => shell("ip route show table local proto 215; ip -6 route show table local proto 215");
const settings = (): string => shell("cat /proc/sys/net/ipv4/vs/conntrack /proc/sys/net/ipv4/vs/expire_nodest_conn /proc/sys/net/ipv4/vs/expire_quiescent_template").replaceAll("\n", "");
/** Everything that may be ours, with the handles that the kernel gave out: equal only if nothing was written. */
const everything = (): string => shell("nft -a list ruleset; ipvsadm -Sn; ip route show table all; ip -6 route show table all") + settings();

async function start(...more: string[]): Promise<void> {
  daemon = spawn(node, [...program, ...flags, ...places, ...more], { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...env } });
  await until("it is ready", async () => (await fetch(`${HTTP}/readyz`)).ok);
}

async function stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
  daemon?.kill(signal);
  assert.deepEqual(await once(daemon!, "exit"), signal === "SIGTERM" ? [0, null] : [null, "SIGKILL"]);
}

async function until(what: string, check: () => Promise<boolean> | boolean): Promise<void> {
  let problem = "not so";
  for (const started = performance.now(); performance.now() - started < 60_000; await sleep(50))
    if (await Promise.resolve().then(check).catch((error: Error) => ((problem = error.message), false))) return;
  throw new Error(`Cannot see that ${what}: ${problem}`);
}

async function loadBalancer(): Promise<string | undefined> {
  const { dataPlane } = (await (await fetch(`${HTTP}/status`)).json()) as { dataPlane: Record<string, string> };
  return dataPlane["loadBalancer"];
}

const balanced = [
  "-A -t 172.31.0.10:8080 -s rr",
  "-a -t 172.31.0.10:8080 -r 10.132.0.7:8080 -m -w 1",
  "-a -t 172.31.0.10:8080 -r 10.132.2.7:8080 -m -w 1",
  "-A -t [fd00:31::10]:8080 -s rr",
  "-a -t [fd00:31::10]:8080 -r [fd00:132:0:1::7]:8080 -m -w 1",
].toSorted();
let untouched = "";

export const cases: readonly NamespaceCase[] = [
  {
    name: "sdn-proxyd shows in a rehearsal what it would do by IPVS, and does nothing",
    async run() {
      for (const folder of ["east", "west"]) cpSync(join(REPOSITORY, "packages/proxy/example", folder), join(work, folder), { recursive: true });
      for (const line of ["link set lo up", "link add cni0 type bridge", "link set cni0 addrgenmode none", "link set cni0 up", "addr add 10.128.0.1/23 dev cni0", "addr add fd00:128::1/64 dev cni0 nodad"]) shell(`ip ${line}`);
      shell("ipvsadm -A -t 198.51.100.7:80 -s wlc");
      untouched = everything();
      const printed = proxyd("--dry-run");
      assert.match(printed, /^# load balancer ipvs: the kernel takes virtual services by netlink$/m);
      for (const line of balanced) assert.ok(printed.includes(`\n${line}\n`), line);
      assert.match(printed, /^ip route replace local 172\.31\.0\.0\/16 dev lo table local proto 215 metric 215 src 10\.128\.0\.1$/m);
      assert.equal(everything(), untouched);
    },
  },
  {
    name: "sdn-proxyd takes IPVS by itself, says why, and leaves a foreign service alone",
    async run() {
      await start();
      assert.equal(await loadBalancer(), "ipvs: the kernel takes virtual services by netlink");
      assert.match(await (await fetch(`${HTTP}/metrics`)).text(), /^sdn_proxy_backend_info\{backend="ipvs",reason="the kernel takes virtual services by netlink"\} 1$/m);
      assert.deepEqual(services(), [...balanced, "-A -t 198.51.100.7:80 -s wlc"].toSorted());
      assert.match(localRoutes(), /^local 172\.31\.0\.0\/16 dev lo .*src 10\.128\.0\.1/);
      assert.equal(settings(), "111");
      assert.deepEqual(JSON.parse(readFileSync(join(work, "state/sysctls-proxy.json"), "utf8")), {
        "net/ipv4/vs/conntrack": "0",
        "net/ipv4/vs/expire_nodest_conn": "0",
        "net/ipv4/vs/expire_quiescent_template": "0",
      });
    },
  },
  {
    name: "sdn-proxyd writes nothing after a restart when nothing changed",
    async run() {
      const before = everything();
      await stop();
      assert.equal(everything(), before);
      await start();
      assert.equal(everything(), before);
    },
  },
  {
    name: "sdn-proxyd hands over to nftables at a restart, and takes over from it, without leftovers",
    async run() {
      await stop();
      await start("--backend", "nftables");
      await until("IPVS is left", () => localRoutes() === "" && settings() === "000");
      assert.deepEqual(services(), ["-A -t 198.51.100.7:80 -s wlc"]);
      assert.match(shell("nft list map inet sdn_proxy svc4"), /172\.31\.0\.10 \. tcp \. 8080 : goto n4_2/);
      await stop();
      await start();
      assert.equal(services().length, balanced.length + 1);
      assert.equal(shell("ip route show table main proto 215"), "");
    },
  },
  {
    name: "sdn-proxyd takes nftables where kube-proxy would delete its services",
    async run() {
      await stop();
      shell("ip link add kube-ipvs0 type dummy");
      await start();
      assert.match((await loadBalancer()) ?? "", /^nftables: no IPVS: kube-proxy in IPVS mode was here \(device kube-ipvs0\)/);
      await stop();
      shell("ip link del kube-ipvs0");
      await start();
      assert.match((await loadBalancer()) ?? "", /^ipvs: /);
    },
  },
  {
    name: "sdn-proxyd removes by --cleanup exactly what is its own, also after a kill",
    async run() {
      await stop("SIGKILL");
      proxyd("--cleanup");
      assert.equal(everything(), untouched);
      assert.ok(!existsSync(join(work, "state/sysctls-proxy.json")));
      proxyd("--cleanup");
    },
  },
];
