import { MeshState } from "@sdn-tunnel/common/admit/mesh-state";
import { API_VERSION, meshClusterSchema } from "@sdn-tunnel/common/mesh/mesh-cluster";
import { meshNodeSchema } from "@sdn-tunnel/common/mesh/mesh-node";
import type { MeshNode } from "@sdn-tunnel/common/mesh/mesh-node";
import { objectKey } from "@sdn-tunnel/common/objects/mesh-object";

/** This node's own part of the mesh. */
export const OWN = { nodeIP: "192.0.2.1", subnet: "10.64.0.0/24", address: "10.64.0.1" };

const cluster = (name: string, ...cidrs: string[]) =>
  meshClusterSchema.parse({
    apiVersion: API_VERSION,
    kind: "MeshCluster",
    metadata: { name },
    spec: { podCIDRs: cidrs.map((cidr) => ({ cidr })), limits: { nodes: 5120 } },
  });

/** Node number `i` of the other cluster, which may listen on another port. */
export const nodeOf = (i: number, port = 5555): MeshNode =>
  meshNodeSchema.parse({
    apiVersion: API_VERSION,
    kind: "MeshNode",
    metadata: { name: `node-${i}` },
    spec: {
      subnets: [`10.${128 + (i >> 8)}.${i & 255}.0/24`],
      addresses: [`10.${128 + (i >> 8)}.${i & 255}.1`],
      nodeIPs: [`198.18.${i >> 8}.${i & 255}`],
      tunnels: [{ device: "a", publicKey: keyOf(i), endpoints: [{ host: `198.18.${i >> 8}.${i & 255}`, port }] }],
    },
  });

/** Any 32 bytes are a point of the curve. */
const keyOf = (i: number): string => Buffer.alloc(32, `${i} of the peers of a benchmark `).toString("base64");

/** A mesh of this node's cluster and one of `count` nodes, 5,120 at most, all of it read. */
export function meshOf(count: number): MeshState {
  const mesh = new MeshState("east");
  mesh.setClusters([cluster("east", "10.64.0.0/16"), cluster("west", "10.128.0.0/12", "10.144.0.0/14")]);
  mesh.apply("west", Array.from({ length: count }, (_, i) => nodeOf(i + 1)).map((object) => ({ key: objectKey(object), object })));
  for (const name of ["east", "west"]) mesh.setSynced(name);
  return mesh;
}
