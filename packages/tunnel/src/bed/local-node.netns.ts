import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { BedNode } from "./node.netns.ts";
import { until } from "./two-nodes.netns.ts";

// Runs inside namespaces of its own; see kernel/namespace.ts in common. A node that is told nothing by flags: what it
// publishes of itself comes from its Node object. The cases build on each other.
const work = mkdtempSync(join(tmpdir(), "sdn-tunnel-bed-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
const source = join(work, "east");
mkdirSync(source);
writeFileSync(
  join(source, "clusters.yaml"),
  "apiVersion: sdn-tunnel.io/v1alpha1\nkind: MeshCluster\nmetadata: {name: east}\nspec: {podCIDRs: [{cidr: 10.21.0.0/16}]}\n",
);
const spec = { cluster: "east", name: "east-1", nodeIP: "192.0.2.21", source, work };
const node = await BedNode.open({ ...spec, subnets: [{ subnet: "10.21.0.0/24", own: "10.21.0.1", pod: "10.21.0.11" }] });
node.host.run("ip link add eth0 type dummy 2>/dev/null || ip link add eth0 type bridge");
node.host.run("ip addr add 10.21.5.1/24 dev cni0");
node.host.run("ip addr add 192.0.2.21/24 dev eth0 && ip addr add 192.0.2.31/24 dev eth0 && ip link set eth0 up");

/** Milliseconds within which a change shows: the next audit would come after up to 30 s. */
const SOON = 5000;

function tellNode(cidr: string, ip: string): void {
  const text = `apiVersion: v1\nkind: Node\nmetadata: {name: east-1}\nspec: {podCIDR: ${cidr}}\nstatus: {addresses: [{type: InternalIP, address: ${ip}}]}\n`;
  writeFileSync(join(source, ".node.yaml"), text);
  renameSync(join(source, ".node.yaml"), join(source, "node.yaml"));
}

const published = (): string => readFileSync(join(source, "meshnodes/east-1.yaml"), "utf8");

export const cases: readonly NamespaceCase[] = [
  {
    name: "publishes what the Node object says",
    async run() {
      tellNode("10.21.0.0/24", "192.0.2.21");
      node.startWireguard();
      const withoutFlags = node.argv().filter((word, i, argv) => ![word, argv[i - 1]].some((flag) => flag === "--node-ip" || flag === "--node-subnet"));
      node.daemon = node.host.start(withoutFlags, join(work, "tunneld.log"));
      await until(() => published().includes("10.21.0.0/24"), 10_000, "it publishes its subnet");
      assert.match(published(), /192\.0\.2\.21/);
      await sleep(3000); // what its own start changed in the kernel makes it look once more
    },
  },
  {
    name: "listens to the kernel by one process",
    async run() {
      assert.match(node.host.run(`pgrep -P ${node.daemon?.pid} -f netlink`), /^\d+\n$/);
    },
  },
  {
    name: "follows another InternalIP at once, not at the next audit",
    async run() {
      tellNode("10.21.0.0/24", "192.0.2.31");
      await until(() => published().includes("192.0.2.31"), SOON, "it publishes its other InternalIP");
    },
  },
  {
    name: "follows another pod prefix at once",
    async run() {
      tellNode("10.21.5.0/24", "192.0.2.31");
      await until(() => published().includes("10.21.5.0/24") && !published().includes("10.21.0.0/24"), SOON, "it publishes its other subnet");
    },
  },
];
