import assert from "node:assert/strict";
import type { ClusterView } from "@sdn-tunnel/common/admit/view";
import { meshClusterSchema } from "@sdn-tunnel/common/mesh/mesh-cluster";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { describe, it } from "vitest";
import { judgeClaims } from "./claims.ts";

function clusterOf(name: string, { n = 31, local = false, synced = true, paused = false } = {}): ClusterView {
  const spec = { podCIDRs: [{ cidr: `10.${n}.0.0/16` }], serviceCIDRs: [{ cidr: "172.30.0.0/16", as: `172.${n}.0.0/16` }], paused };
  return { name, local, synced, config: meshClusterSchema.parse({ apiVersion: "sdn-tunnel.io/v1alpha1", kind: "MeshCluster", metadata: { name }, spec }) };
}

const east = clusterOf("east", { n: 30, local: true });
const refusal = { cluster: "west", object: "MeshCluster west", reason: "WouldCutOff", detail: "" } as const;
const at = parseAddress("172.31.0.7");
const HOUR = 3_600_000;

const cases = [
  { name: "takes a remote cluster", west: clusterOf("west"), want: { inForce: true, frozen: false, removable: true } },
  { name: "lets nothing change for a paused one", west: clusterOf("west", { paused: true }), want: { inForce: true, frozen: true, removable: true } },
  { name: "lets nothing be removed of a silent one", west: clusterOf("west", { synced: false }), want: { inForce: true, frozen: false, removable: false } },
  { name: "takes out one that would cut the node off", west: clusterOf("west"), refused: [refusal], want: { inForce: false, frozen: false, removable: true } },
  { name: "takes it out even while it is silent", west: clusterOf("west", { synced: false }), refused: [refusal], want: { inForce: false, frozen: false, removable: true } },
];

describe("judgeClaims()", () => {
  for (const { name, west, refused = [], want } of cases)
    it(name, () => {
      const { inForce, prefixes, restraint } = judgeClaims([east, west], refused, HOUR);
      assert.deepEqual({ inForce: inForce.has("west"), frozen: restraint.frozen(at), removable: restraint.removable(at) }, want);
      assert.deepEqual([...prefixes], want.inForce ? ["172.31.0.0/16"] : []);
    });
});
