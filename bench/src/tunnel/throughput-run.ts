import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BedNode } from "@sdn-tunnel/tunnel/bed/node.netns";
import { buildMesh, until } from "@sdn-tunnel/tunnel/bed/two-nodes.netns";
import { generateKey, publicKeyOf } from "@sdn-tunnel/tunnel/keys/key";
import { findWireguardGo } from "@sdn-tunnel/tunnel/peers/wireguard-go.netns";

// Started by throughput.ts in namespaces of its own: two nodes with a pod each, joined twice. By sdn-tunneld for the
// pods' own addresses; and by hand, for second addresses of the same pods: a WireGuard device of its own on each node,
// wireguard-go too, with the same MTU and one plain route. Which address a stream goes to decides which way it takes.
const [, , pairs = "10", seconds = "1"] = process.argv;
const PORT = "9100";
const HAND = "wg-hand";
const stream = [process.execPath, "--conditions=source", fileURLToPath(new URL("stream.ts", import.meta.url))];
const work = mkdtempSync(join(tmpdir(), "sdn-bench-"));

const { east, west } = await buildMesh(work);
for (const node of [east, west]) node.startWireguard();
for (const node of [east, west]) node.startDaemon();
await joinByHand(east, west);
const server = west.pod.start([...stream, "serve", PORT], join(work, "server.log"));
await once(server.stdout!, "data");
await until(() => send("10.22.0.11", 0.1) > 0, 20_000, "sdn-tunneld's way works");
await until(() => send("10.122.0.11", 0.1) > 0, 5000, "the hand-made way works");

const ways = { ours: "10.22.0.11", hand: "10.122.0.11" };
const results: { ours: number; hand: number }[] = [];
for (let pair = 0; pair < Number(pairs); pair++) {
  // Ours, by hand, by hand, ours: what grows or fades meanwhile meets both ways alike.
  const [first, second, third, last] = [ways.ours, ways.hand, ways.hand, ways.ours].map((host) => send(host, Number(seconds))) as [number, number, number, number];
  results.push({ ours: (first + last) / 2, hand: (second + third) / 2 });
}
rmSync(work, { recursive: true });
process.stdout.write(JSON.stringify(results), () => process.exit());

/** Bits per second of one stream from the one pod to the other. */
function send(host: string, seconds: number): number {
  const enter = ["--target", String(east.pod.pid), "--net", "--mount", "--"];
  return Number(execFileSync("nsenter", [...enter, ...stream, "send", host, PORT, String(seconds)], { encoding: "utf8", timeout: 20_000 }));
}

/** A WireGuard pair as one would make it with wg(8) and ip(8). */
async function joinByHand(a: BedNode, b: BedNode): Promise<void> {
  const nodes = [a, b].map((node, i) => ({ node, key: generateKey(), net: `10.12${i + 1}.0`, log: join(work, `hand-${i}.log`) }));
  for (const { node, log } of nodes) node.host.start([findWireguardGo(), "-f", HAND], log, { LOG_LEVEL: "error" });
  for (const { node, key, net } of nodes) {
    const other = nodes.find((one) => one.node !== node)!;
    await until(() => node.host.run(`ip link show ${HAND}`), 5000, "wireguard-go runs");
    const peer = `peer ${publicKeyOf(other.key)} endpoint ${other.node.spec.nodeIP}:5600 allowed-ips ${other.net}.0/24`;
    await until(() => node.host.run(`cat | wg set ${HAND} private-key /dev/stdin listen-port 5600 ${peer}`, key.base64), 5000, "it takes its settings");
    node.host.run(`ip link set ${HAND} up mtu 1420 && ip addr add ${net}.1/24 dev cni0 && ip route add ${other.net}.0/24 dev ${HAND}`);
    node.pod.run(`ip addr add ${net}.11/24 dev eth0 && ip route add ${other.net}.0/24 via ${net}.1 src ${net}.11`);
  }
}
