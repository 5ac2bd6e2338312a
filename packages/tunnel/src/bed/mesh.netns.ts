import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { generateKey } from "../keys/key.ts";
import { health, kernel, reaches, report, seenBy, status, uapiWrites, withoutAgents } from "./look.netns.ts";
import { buildMesh, until } from "./two-nodes.netns.ts";
import { end, type Place } from "./node.netns.ts";

// Runs inside namespaces of its own; see kernel/namespace.ts in common. The cases build on each other.
const work = mkdtempSync(join(tmpdir(), "sdn-tunnel-bed-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
const presharedKey = generateKey().base64;
writeFileSync(join(work, "psk"), `${presharedKey}\n`, { mode: 0o600 });
const { east, west } = await buildMesh(work, `presharedKeyFile: ${work}/psk`);
const WEST_POD = ["10.22.0.11", "[fd00:22::11]"];

const both = (place: Place): boolean => WEST_POD.every((host) => reaches(place, host));

export const cases: readonly NamespaceCase[] = [
  {
    name: "waits for wireguard-go, and says how to start it",
    async run() {
      east.startDaemon("--log-level", "debug");
      await until(() => status(east).includes("wireguard-go -f sdn-wg-a"), 5000, "it says what it waits for");
      assert.throws(() => east.host.run("curl -fsS http://127.0.0.1:9565/readyz"));
    },
  },
  {
    name: "pods reach each other in both families and keep their addresses, past a CNI that masquerades",
    async run() {
      for (const node of [east, west]) node.startWireguard();
      west.startDaemon();
      await until(() => both(east.pod), 8000, "a pod reaches a pod");
      assert.equal(seenBy(east.pod, WEST_POD[0]!), "10.21.0.11");
      assert.equal(seenBy(east.pod, WEST_POD[1]!), "fd00:21::11");
      assert.equal(seenBy(west.pod, "10.21.0.11"), "10.22.0.11");
    },
  },
  {
    name: "twin: without our exemption the server sees the node",
    async run() {
      await withoutAgents([east, west], () => {
        const table = east.host.run("nft list table inet sdn_tunnel");
        east.host.run("nft delete table inet sdn_tunnel && conntrack -F");
        assert.notEqual(seenBy(east.pod, WEST_POD[0]!, "|| true"), "10.21.0.11");
        east.host.run("nft -f -", table);
        east.host.run("conntrack -F");
        assert.equal(seenBy(east.pod, WEST_POD[0]!), "10.21.0.11");
      });
    },
  },
  {
    name: "the node itself uses its own mesh address, also when a program binds the node IP",
    async run() {
      assert.equal(seenBy(east.host, WEST_POD[0]!), "10.21.0.1");
      assert.equal(seenBy(east.host, WEST_POD[1]!), "fd00:21::1");
      assert.equal(seenBy(east.host, WEST_POD[0]!, "--interface 192.0.2.21"), "10.21.0.1");
      assert.equal(seenBy(east.pod, "10.22.0.1"), "10.21.0.11");
    },
  },
  {
    name: "probes find the other node up, and nobody else may ask for an echo",
    async run() {
      await until(() => health(east).clusters["west"]?.["west-1"]?.up === true, 3000, "west is up");
      const ask = `require("dgram").createSocket("udp4").on("message", () => { console.log("echo"); process.exit(); }).send("x", 5557, "10.22.0.1"); setTimeout(() => process.exit(), 300)`;
      const shout = (place: Place): string => place.run(`${process.execPath} -e '${ask}'`);
      assert.match(shout(east.pod), /echo/);
      west.host.run("ip addr add 192.0.2.122/24 dev eth0");
      east.host.run("ip route add 10.22.0.1 via 192.0.2.22 table main && ip rule add pref 100 to 10.22.0.1 lookup main");
      assert.equal(shout(east.host), "");
      east.host.run("ip rule del pref 100 && ip route del 10.22.0.1 via 192.0.2.22");
    },
  },
  {
    name: "what comes out of the tunnel goes to this node's own pods only",
    async run() {
      await withoutAgents([east, west], () => {
        const key = west.host.run("wg show sdn-wg-a public-key").trim();
        const table = west.host.run("nft list table inet sdn_tunnel");
        west.host.run("ip addr add 198.18.0.1/32 dev lo");
        east.host.run(`wg set sdn-wg-a peer ${key} allowed-ips 10.22.0.0/24,fd00:22::/64,198.18.0.1/32`);
        east.host.run("ip route add 198.18.0.1 dev sdn-wg-a");
        assert.throws(() => reaches(east.pod, "198.18.0.1"));
        west.host.run("nft delete chain inet sdn_tunnel guard");
        assert.ok(reaches(east.pod, "198.18.0.1")); // twin: without the guard it is reached
        west.host.run("nft delete table inet sdn_tunnel && nft -f -", table);
        east.host.run(`ip route del 198.18.0.1 && wg set sdn-wg-a peer ${key} allowed-ips 10.22.0.0/24,fd00:22::/64`);
        west.host.run("ip addr del 198.18.0.1/32 dev lo");
      });
    },
  },
  {
    name: "SIGTERM leaves the data plane up; a restart writes nothing and loses nothing",
    async run() {
      await end(east.daemon, "SIGTERM");
      assert.equal(east.daemon?.exitCode, 0);
      assert.ok(both(east.pod));
      const [before, uapi] = [kernel(east), uapiWrites(east)];
      const monitor = east.host.start(["sh", "-c", "ip monitor route rule & exec nft monitor"], `${work}/monitor.log`);
      const pings = east.pod.start(["ping", "-i", "0.05", WEST_POD[0]!], `${work}/pings.log`);
      await sleep(300);
      // Controls: the monitors do see such changes.
      east.host.run("ip route add 10.99.0.0/24 dev sdn-wg-a table 5555 proto 215 && ip route del 10.99.0.0/24 table 5555");
      east.host.run("nft add table inet sdn_tunnel_99 && nft delete table inet sdn_tunnel_99");
      east.startDaemon();
      await until(() => east.host.run("curl -fsS -m 1 http://127.0.0.1:9565/readyz").startsWith("ok"), 8000, "it is ready");
      await end(east.daemon, "SIGKILL");
      east.startDaemon();
      await until(() => east.host.run("curl -fsS -m 1 http://127.0.0.1:9565/readyz").startsWith("ok"), 8000, "it is ready again");
      await sleep(1000);
      await end(monitor, "SIGTERM");
      await end(pings, "SIGINT");
      assert.deepEqual({ kernel: kernel(east), uapi: uapiWrites(east) }, { kernel: before, uapi });
      const noise = readFileSync(`${work}/monitor.log`, "utf8").split("\n").filter((line) => /proto 215|5555|sdn_tunnel/.test(line));
      assert.deepEqual(noise.filter((line) => !line.includes("99")), []);
      assert.deepEqual(noise.length, 4);
      const answered = [...readFileSync(`${work}/pings.log`, "utf8").matchAll(/icmp_seq=(\d+)/g)].map(([, seq]) => Number(seq));
      assert.ok(answered.length > 20, `${answered.length} pings were answered`);
      // Those that were under way when ping was told to end are nobody's loss.
      assert.deepEqual(answered.toSorted((a, b) => a - b), Array.from({ length: Math.max(...answered) }, (_, i) => i + 1));
    },
  },
  {
    name: "an agent that was stopped for a while does not take its own deafness for the others' death",
    async run() {
      await until(() => health(east).clusters["west"]?.["west-1"]?.up === true, 3000, "west is up");
      east.daemon?.kill("SIGSTOP");
      await sleep(3000);
      east.daemon?.kill("SIGCONT");
      for (let i = 0; i < 20; i++) {
        await sleep(100);
        assert.equal(health(east).clusters["west"]?.["west-1"]?.up, true);
      }
    },
  },
  {
    name: "kill -9 of wireguard-go: rebuilt within two seconds of its restart",
    async run() {
      await end(east.wireguard, "SIGKILL");
      await until(() => status(east).includes("waiting for"), 2000, "the loss is noticed");
      await until(() => health(west).clusters["east"]?.["east-1"]?.up === false, 4000, "west sees east down");
      east.startWireguard();
      const ms = await until(() => both(east.pod), 5000, "pods reach each other again");
      report("recovery after kill -9 of wireguard-go", ms);
      assert.ok(ms < 2000, `${ms} ms`);
      // Its third change within a minute, perhaps: then ten calm seconds are asked for.
      await until(() => health(west).clusters["east"]?.["east-1"]?.up === true, 15_000, "west sees east up");
    },
  },
  {
    name: "a link that goes down and up again gets its routes back",
    async run() {
      east.host.run("ip link set sdn-wg-a down && ip link set sdn-wg-a up");
      report("routes back after link down/up", await until(() => both(east.pod), 2000, "pods reach each other again"));
    },
  },
  {
    name: "routes that somebody flushes come back",
    async run() {
      east.host.run("ip route flush table 5555; ip -4 rule flush proto 215");
      report("routes and rule back after a foreign flush", await until(() => both(east.pod), 2000, "pods reach each other again"));
    },
  },
  {
    name: "a paused cluster is written nothing for, whatever is published",
    async run() {
      const file = join(work, "east", "clusters.yaml");
      const text = readFileSync(file, "utf8");
      writeFileSync(file, text.replace("  source:", "  paused: true\n  source:"));
      await until(() => status(east).includes("paused"), 3000, "the pause is taken");
      const before = kernel(east);
      unlinkSync(join(work, "west", "meshnodes", "west-1.yaml"));
      await sleep(500);
      assert.equal(kernel(east), before);
      assert.ok(both(east.pod));
      writeFileSync(file, text);
      await until(() => both(east.pod) && !status(east).includes("paused"), 5000, "it goes on"); // west has published itself again
    },
  },
  {
    name: "a cluster whose prefix this node needs is taken out, and comes back",
    async run() {
      east.host.run("ip addr add 10.22.200.1/24 dev eth0");
      await until(() => status(east).includes("WouldCutOff") && !kernel(east).includes("10.22.0.0/24"), 4000, "the cluster is refused");
      assert.match(status(east), /10\.22\.0\.0\/16 overlaps 10\.22\.200\.0\/24, which this node needs/);
      east.host.run("ip addr del 10.22.200.1/24 dev eth0");
      await until(() => both(east.pod), 5000, "the cluster is back");
    },
  },
  {
    name: "a thief of a key that is in the kernel gets nothing; its victim goes on",
    async run() {
      const published = readFileSync(join(work, "west", "meshnodes", "west-1.yaml"), "utf8");
      writeFileSync(join(work, "west", "thief.yaml"), published.replaceAll("west-1", "thief").replaceAll("10.22.0.", "10.22.9.").replaceAll("fd00:22::", "fd00:22:0:9::"));
      await until(() => health(east).clusters["west"]?.["thief"]?.up === false, 3000, "the thief is told as down");
      assert.match(health(east).clusters["west"]?.["thief"]?.reason ?? "", /^KeyConflict: the key .* is held by west\/west-1$/);
      assert.ok(both(east.pod));
      rmSync(join(work, "west", "thief.yaml"));
      await until(() => health(east).clusters["west"]?.["thief"] === undefined, 3000, "it is forgotten");
    },
  },
  {
    name: "a second instance does not start, nor does a clean-up beside it",
    async run() {
      for (const flags of [[], ["--cleanup"]])
        assert.throws(() => east.host.run(east.argv(...flags).join(" ")), /Cannot start: another instance holds the lock sdn-tunneld on this node/);
    },
  },
  {
    name: "--dry-run on a node that has converged prints no command",
    run: async () => assert.doesNotMatch(east.host.run(east.argv("--dry-run").join(" ")), /^[^#\n]/m),
  },
  {
    name: "a removed node loses its peer and its routes",
    async run() {
      await end(west.daemon, "SIGTERM");
      rmSync(join(work, "west", "meshnodes", "west-1.yaml"));
      await until(() => !kernel(east).includes("10.22.0.0/24"), 3000, "its routes are gone");
      assert.equal(east.host.run("wg show sdn-wg-a peers").trim(), "");
      west.startDaemon();
      await until(() => both(east.pod), 5000, "it is back");
    },
  },
  {
    name: "the clusters share a preshared key, and no key stands in a log, a status or a published file",
    async run() {
      assert.equal(east.host.run("wg show sdn-wg-a preshared-keys").trim().split("\t")[1], presharedKey);
      const files = [...readdirSync(work), "east/meshnodes/east-1.yaml", "run-east-1/health.json"].filter((name) => /\.(?:log|yaml|json)$/.test(name));
      const shown = [status(east), ...files.map((name) => readFileSync(join(work, name), "utf8"))];
      assert.ok(files.length >= 6);
      for (const secret of [presharedKey, readFileSync(`${work}/state-east-1/keys/a.key`, "utf8").trim()])
        assert.ok(shown.every((text) => !text.includes(secret)));
    },
  },
  {
    name: "--cleanup leaves nothing of ours, and the sysctls as they were",
    async run() {
      await end(east.daemon, "SIGTERM");
      assert.equal(east.host.run("sysctl -n net.ipv4.ip_forward").trim(), "1");
      east.host.run(east.argv("--cleanup").join(" "));
      assert.doesNotMatch(kernel(east), /215|sdn_tunnel|=/);
      assert.equal(east.host.run("sysctl -n net.ipv4.ip_forward").trim(), "0");
      assert.throws(() => readFileSync(join(work, "east", "meshnodes", "east-1.yaml")), /ENOENT/);
      assert.match(readFileSync(`${work}/state-east-1/keys/a.key`, "utf8"), /=\n$/);
    },
  },
];
