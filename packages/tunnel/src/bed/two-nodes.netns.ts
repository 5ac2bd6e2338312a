import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BedNode } from "./node.netns.ts";
import type { NodeSpec } from "./node.netns.ts";

/** Two clusters of one node each, joined by one wire; each has the other's manifests as a folder. */
export interface Mesh {
  readonly east: BedNode;
  readonly west: BedNode;
  readonly work: string;
}

const nodeOf = (cluster: string, n: number, work: string): NodeSpec => ({
  cluster,
  name: `${cluster}-1`,
  nodeIP: `192.0.2.${n}`,
  subnets: [
    { subnet: `10.${n}.0.0/24`, own: `10.${n}.0.1`, pod: `10.${n}.0.11` },
    { subnet: `fd00:${n}::/64`, own: `fd00:${n}::1`, pod: `fd00:${n}::11` },
  ],
  source: join(work, cluster),
  work,
});

const clusterDocument = (name: string, n: number, extra: string): string => `apiVersion: sdn-tunnel.io/v1alpha1
kind: MeshCluster
metadata: {name: ${name}}
spec:
  podCIDRs: [{cidr: 10.${n}.0.0/16}, {cidr: "fd00:${n}::/48"}]
  ${extra}
`;

/** Builds the bed; nothing of ours runs in it yet. `extra` is added to the spec of each remote cluster. */
export async function buildMesh(work: string, extra = ""): Promise<Mesh> {
  for (const [own, n, other, m] of [["east", 21, "west", 22], ["west", 22, "east", 21]] as const) {
    mkdirSync(join(work, own), { recursive: true });
    writeFileSync(join(work, own, "clusters.yaml"), [clusterDocument(own, n, ""), clusterDocument(other, m, `source: {directory: ../${other}}\n  ${extra}`)].join("---\n"));
  }
  const [east, west] = [await BedNode.open(nodeOf("east", 21, work)), await BedNode.open(nodeOf("west", 22, work))];
  east.host.run(`ip link add eth0 type veth peer name eth0 netns ${west.host.pid}`);
  for (const { host, spec } of [east, west]) host.run(`ip addr add ${spec.nodeIP}/24 dev eth0 && ip link set eth0 up`);
  for (const { pod, host, spec } of [east, west]) {
    const server = `require("http").createServer((q, s) => s.end(q.socket.remoteAddress)).listen(8080, "::")`;
    for (const place of [pod, host]) place.start([process.execPath, "-e", server], join(work, `http-${spec.name}.log`));
  }
  return { east, west, work };
}

/** Asks until `check` passes; returns the milliseconds that it took. */
export async function until(check: () => unknown, withinMs: number, what: string): Promise<number> {
  const started = performance.now();
  let problem = "";
  while (performance.now() - started < withinMs) {
    try {
      if (check() !== false) return performance.now() - started;
      problem = "not so";
    } catch (error) {
      problem = (error as Error).message;
    }
    await sleep(20);
  }
  throw new Error(`Cannot see that ${what} within ${withinMs} ms: ${problem}`);
}
