import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { health, report, seenBy, status } from "./look.netns.ts";
import { end } from "./node.netns.ts";
import { SdnNode } from "./original.netns.ts";
import { until } from "./two-nodes.netns.ts";

// Runs inside namespaces of its own; see kernel/namespace.ts in common. The cases build on each other: two clusters of
// one node each go over from the original project of 2018 and back, by the steps that the README gives.
const work = mkdtempSync(join(tmpdir(), "sdn-tunnel-switching-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const block = (info: string): string => new RegExp(`^\`\`\`${info}\n([^]*?)^\`\`\``, "m").exec(readme)?.[1] ?? assert.fail(`README.md has no ${info}`);

const east = await SdnNode.open({ cluster: "east", name: "east-1", nodeIP: "198.51.100.11", n: 128, work });
const west = await SdnNode.open({ cluster: "west", name: "west-1", nodeIP: "203.0.113.21", n: 132, work });
const other = (node: SdnNode): SdnNode => (node === east ? west : east);
east.host.run(`ip link add eth0 type veth peer name eth0 netns ${west.host.pid}`);
for (const node of [east, west]) {
  node.host.run(`ip addr add ${node.spec.nodeIP}/32 dev eth0 && ip link set eth0 up && ip route add ${other(node).spec.nodeIP} dev eth0`);
  const server = `require("http").createServer((q, s) => s.end(q.socket.remoteAddress)).listen(8080, "::")`;
  node.pod.start([process.execPath, "-e", server], join(work, `http-${node.spec.name}.log`));
  const { cluster } = node.spec;
  mkdirSync(join(work, cluster, "meshnodes"), { recursive: true });
  const row = (name: string, n: number): string => `apiVersion: sdn-tunnel.io/v1alpha1
kind: MeshCluster
metadata: {name: ${name}}
spec: {podCIDRs: [{cidr: 10.${n}.0.0/14}]${name === cluster ? "" : `, source: {directory: ../${name}}`}}
`;
  writeFileSync(join(work, cluster, "clusters.yaml"), [row("east", 128), row("west", 132)].join("---\n"));
}

/** The README's file for an old node, which is west's; for east's with east's values, and each with its key. */
function originalFile(node: SdnNode): string {
  const west1 = block("yaml original").replace(/publicKey: .*/, `publicKey: ${node.publicKey}`);
  return node === west ? west1 : west1.replaceAll("west", "east").replaceAll("10.132.", "10.128.").replaceAll(west.spec.nodeIP, east.spec.nodeIP);
}

/** The README's steps, which are east's, for a node; with flags of the daemon left out. */
function steps(info: string, node: SdnNode, without = ""): string {
  const lines = block(info).replace(without, "").replaceAll("east-1.original.yaml", join(work, "original.yaml"));
  return node === east ? lines : lines.replaceAll("east", "west").replaceAll("10.128.", "10.132.").replaceAll(east.spec.nodeIP, west.spec.nodeIP);
}

/** What `oc` does for these steps: it shows the ConfigMap, and ends the tunnel pod or brings it back. */
const oc = `oc() { case "$*" in *"get configmap"*) cat ${work}/configmap;; *'"moved":"true"'*) mark ended;; *'"moved":null'*) mark wanted;; *) exit 64;; esac; }
mark() { echo $1 > ${work}/pod; while [ "$(cat ${work}/pod)" = $1 ]; do sleep 0.02; done; }`;

/** Types the steps on a node while this process plays OpenShift, and says when the pod was gone, or back. */
async function perform(info: string, node: SdnNode, without?: string): Promise<number> {
  writeFileSync(join(work, "configmap"), node.originalConfig(other(node)).replaceAll(/^/gm, " "));
  writeFileSync(join(work, "original.yaml"), originalFile(node));
  writeFileSync(join(work, "pod"), "");
  if (info === "sh switch" && node.wireguard === undefined) node.startWireguard();
  const typed = node.type(steps(info, node, without), oc);
  if (info === "sh switch") node.daemon = typed;
  await until(() => /\w/.test(readFileSync(join(work, "pod"), "utf8")), 5000, "the steps come to the pod");
  if (info === "sh switch") await node.stopOriginal(other(node));
  else node.startOriginal(other(node));
  writeFileSync(join(work, "pod"), "");
  return performance.now();
}

/** Pods reach each other both ways, with their own addresses. */
function connected(): boolean {
  return [east, west].every((node) => seenBy(node.pod, other(node).podAddress) === node.podAddress);
}

const ready = (node: SdnNode): boolean => node.host.run("curl -fsS -m 1 http://127.0.0.1:9565/readyz").startsWith("ok");
const originalFlows = ({ host }: SdnNode): number => host.run("ovs-ofctl -O OpenFlow13 dump-flows br0 table=0").match(/priority=300,ip,(?:in_port=\S+,)?nw_src=10\.1\d\d\.0\.0\/14,nw_dst=10\.1\d\d\.0\.0\/14/g)?.length ?? 0;

/** The longest time without an answer, of a ping every 50 ms, while something is done. */
async function gapOf(node: SdnNode, run: () => Promise<void>): Promise<number> {
  const log = join(work, "pings.log");
  writeFileSync(log, "");
  const pings = node.pod.start(["ping", "-D", "-i", "0.05", other(node).podAddress], log);
  await until(() => readFileSync(log, "utf8").includes("icmp_seq=2 "), 2000, "pings are answered");
  await run();
  const done = readFileSync(log, "utf8").length;
  await until(() => readFileSync(log, "utf8").length > done + 200, 2000, "pings are answered again");
  await end(pings, "SIGINT");
  const times = [...readFileSync(log, "utf8").matchAll(/^\[([\d.]+)\] \d+ bytes/gm)].map(([, seconds]) => Number(seconds) * 1000);
  return Math.max(...times.slice(1).map((at, i) => at - (times[i] ?? at)));
}

/** A switch by the README's steps: the gap is the daemon's start, and what follows at once. */
async function switchOver(node: SdnNode): Promise<void> {
  let [ended, converged] = [0, 0];
  const gap = await gapOf(other(node), async () => {
    ended = await perform("sh switch", node);
    await until(() => ready(node), 10_000, "the daemon is ready");
    converged = performance.now();
    await until(connected, 5000, "pods reach each other");
  });
  report(`${node.spec.name} switched: the longest gap`, gap);
  report("from the end of the tunnel pod until the daemon was ready", converged - ended);
  assert.ok(gap < converged - ended + 2000, `a gap of ${gap} ms`);
}

/** @param withinMs a peer that was moved uses its session for 15 s without an answer, and then tries anew every 5 s (KEEPALIVE_TIMEOUT and REKEY_TIMEOUT of WireGuard) */
async function rollBack(node: SdnNode, withinMs: number): Promise<void> {
  await end(node.daemon, "SIGTERM");
  await perform("sh rollback", node);
  report(`${node.spec.name} rolled back: pods reach each other again after`, await until(connected, withinMs, "pods reach each other"));
  assert.doesNotMatch(node.host.run("ip -4 rule; ip route show table 5555 2>&1 || true; nft list tables; ovs-ofctl -O OpenFlow13 dump-flows br0"), /proto 215|sdn_tunnel|0x5d7e0001/);
}

export const cases: readonly NamespaceCase[] = [
  {
    name: "old and old: two tunnel pods of the original reach each other's pods",
    async run() {
      for (const node of [east, west]) node.startOriginal(other(node));
      await until(connected, 8000, "pods reach each other");
      assert.deepEqual([originalFlows(east), originalFlows(west)], [2, 2]);
    },
  },
  {
    name: "new and old: what the original's flows do is told, and ends with --remove-original-flows",
    async run() {
      writeFileSync(join(work, "west/meshnodes/west-1.yaml"), originalFile(west));
      await perform("sh switch", east, " --remove-original-flows");
      await until(() => ready(east), 10_000, "the daemon is ready");
      assert.match(status(east), /OriginalFlows.*table 0 has 2 flows of the original project \(cookie 0\)/s);
      assert.throws(connected);
      await end(east.daemon, "SIGTERM");
      east.daemon = east.type(steps("sh switch", east).replaceAll(/^(?:\(| oc|oc).*\n/gm, ""), oc);
      await until(connected, 10_000, "pods reach each other");
      assert.deepEqual([originalFlows(east), originalFlows(west)], [0, 2]);
      assert.doesNotMatch(status(east), /OriginalFlows/);
    },
  },
  {
    name: "new and old: the old one knows the new by its old key, and is kept alive and probed",
    async run() {
      assert.equal(east.host.run("wg show sdn-wg-a public-key").trim(), east.publicKey);
      assert.equal(readFileSync(join(work, "state-east-1/keys/a.key"), "utf8"), `${east.key.base64}\n`);
      const shown = east.host.run("wg show sdn-wg-a dump").trim().split("\n")[1]?.split("\t") ?? [];
      assert.deepEqual([shown[0], shown[2], shown[3], shown[7]], [west.publicKey, "203.0.113.21:31555", "10.132.0.0/23", "25"]);
      assert.match(west.tunnelPod.run("wg show sdn-tunnel endpoints"), /\t198\.51\.100\.11:\d+\n/); // not 5555, while the kernel remembers that pod
      await until(() => health(east).clusters["west"]?.["west-1"]?.up === true, 4000, "west is up");
    },
  },
  {
    name: "new and new: the second one goes over with no longer a gap than its start, and its own file replaces ours",
    async run() {
      await switchOver(west);
      assert.deepEqual([originalFlows(east), originalFlows(west)], [0, 0]);
      assert.match(readFileSync(join(work, "west/meshnodes/west-1.yaml"), "utf8"), /- 10\.132\.0\.1\n/);
      await until(() => east.host.run("wg show sdn-wg-a endpoints").includes("203.0.113.21:5555"), 3000, "east uses the new endpoint");
      for (const node of [east, west]) assert.equal(seenBy(node.host, other(node).podAddress), `10.${node.spec.n}.0.1`);
    },
  },
  { name: "the way back, to new and old", run: () => rollBack(west, 60_000) },
  { name: "and to old and old", run: () => rollBack(east, 20_000) },
  { name: "a switch while the other is old has no longer a gap either", run: () => switchOver(east) },
];
