import { MeshState } from "@sdn-tunnel/common/admit/mesh-state";
import { meshClusterSchema } from "@sdn-tunnel/common/mesh/mesh-cluster";
import type { MeshCluster } from "@sdn-tunnel/common/mesh/mesh-cluster";
import { API_VERSION } from "@sdn-tunnel/common/mesh/mesh-cluster";
import { meshNodeSchema } from "@sdn-tunnel/common/mesh/mesh-node";
import type { MeshNode } from "@sdn-tunnel/common/mesh/mesh-node";
import { objectKey } from "@sdn-tunnel/common/objects/mesh-object";
import type { PublicKey } from "../keys/key.ts";

/** For tests: a public key made of one letter. */
export const keyOfLetter = (letter: string): PublicKey => `${letter.repeat(42)}A=` as PublicKey;

/** For tests: cluster number `n` claims `10.<n>.0.0/16` and `fd00:<n>::/48`. */
export function testCluster(name: string, n: number, spec: Record<string, unknown> = {}): MeshCluster {
  const podCIDRs = [{ cidr: `10.${n}.0.0/16` }, { cidr: `fd00:${n}::/48` }];
  return meshClusterSchema.parse({ apiVersion: API_VERSION, kind: "MeshCluster", metadata: { name }, spec: { podCIDRs, ...spec } });
}

/** For tests: node `i` of cluster number `n`, reached at `192.0.2.<n + i>`. */
export function testNode(n: number, i: number, letter: string, spec: Record<string, unknown> = {}): MeshNode {
  return meshNodeSchema.parse({
    apiVersion: API_VERSION,
    kind: "MeshNode",
    metadata: { name: `node-${i}` },
    spec: {
      subnets: [`10.${n}.${i}.0/24`, `fd00:${n}:0:${i}::/64`],
      addresses: [`10.${n}.${i}.1`, `fd00:${n}:0:${i}::1`],
      nodeIPs: [`192.0.2.${n + i}`],
      tunnels: [{ device: "a", publicKey: keyOfLetter(letter), endpoints: [{ host: `192.0.2.${n + i}`, port: 5555 }] }],
      ...spec,
    },
  });
}

/** For tests: a mesh as cluster `east` (number 21) sees it; nothing is synced. */
export function testMesh(clusters: readonly MeshCluster[], nodes: Readonly<Record<string, readonly MeshNode[]>>): MeshState {
  const state = new MeshState("east");
  state.setClusters([testCluster("east", 21), ...clusters]);
  for (const [cluster, list] of Object.entries(nodes)) state.apply(cluster, list.map((object) => ({ key: objectKey(object), object })));
  return state;
}
