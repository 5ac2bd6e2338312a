import assert from "node:assert/strict";
import { refuseCutOffs } from "@sdn-tunnel/common/admit/lifeline";
import type { ClusterView, NodeKey, NodeView } from "@sdn-tunnel/common/admit/view";
import { nodeKey } from "@sdn-tunnel/common/admit/view";
import { meshClusterSchema } from "@sdn-tunnel/common/mesh/mesh-cluster";
import { numberOf } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";
import fc from "fast-check";
import { describe, it } from "vitest";
import { Endpoints } from "./endpoints.ts";

function clusterOf(name: string, cidrs: readonly string[]): ClusterView {
  const spec = { podCIDRs: cidrs.map((cidr) => ({ cidr })), serviceCIDRs: [] };
  const config = meshClusterSchema.parse({ apiVersion: "sdn-tunnel.io/v1alpha1", kind: "MeshCluster", metadata: { name }, spec });
  return { name, local: name === "east", synced: true, config };
}

const clusters = [clusterOf("east", ["10.1.0.0/16"]), clusterOf("west", ["10.2.0.0/16", "fd00:2::/48"]), clusterOf("south", ["10.3.0.0/16"])];

function nodeOf(cluster: string, name: string, hosts: readonly string[]): NodeView {
  const endpoints = hosts.map((host) => ({ host, port: 5555 }));
  return { cluster, name, subnets: [], addresses: [], nodeIPs: [], mtu: 1420, tunnels: [{ device: "a", publicKey: "", endpoints }] };
}

/** What a walk over every endpoint of every node finds, by address and node. */
function walk(nodes: ReadonlyMap<NodeKey, NodeView>) {
  const all = [...nodes].flatMap(([key, { tunnels }]) => tunnels.flatMap(({ endpoints }) => endpoints.map(({ host }) => ({ host, key }))));
  return all
    .filter(({ host }) => host !== "vpn.example.com")
    .map(({ host, key }) => ({ address: host as Address, what: `WireGuard endpoint of ${key}` }))
    .toSorted((a, b) => Number(numberOf(a.address) - numberOf(b.address)) || (a.what < b.what ? -1 : 1));
}

const hosts = ["203.0.113.7", "2001:db8::7", "vpn.example.com", "10.1.0.9", "10.2.0.3", "10.2.0.20", "10.2.255.255", "10.3.0.0", "10.4.0.0", "fd00:2::9", "fd00:2::10"];
const step = fc.record({
  cluster: fc.constantFrom("east", "west"),
  name: fc.constantFrom("node-1", "node-2", "node-3"),
  hosts: fc.option(fc.array(fc.constantFrom(...hosts), { maxLength: 3 }), { nil: undefined }),
});

describe("Endpoints", () => {
  it("names one in each prefix of a remote cluster, and leaves host names to the tunnel", () => {
    const endpoints = new Endpoints();
    const node = nodeOf("west", "node-1", ["vpn.example.com", "fd00:2::7", "10.1.0.9", "10.2.0.9", "10.2.0.8"]);
    endpoints.follow(new Map([[nodeKey("west", "node-1"), node]]));
    assert.deepEqual(endpoints.claimedBy(clusters), [
      { address: "10.2.0.8", what: "WireGuard endpoint of west/node-1" },
      { address: "fd00:2::7", what: "WireGuard endpoint of west/node-1" },
    ]);
  });

  it("leads to the refusals that a walk over all nodes leads to, whether it follows what changed or all", () => {
    fc.assert(
      fc.property(fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 12 }), (batches) => {
        const nodes = new Map<NodeKey, NodeView>();
        const [byEvent, byAudit] = [new Endpoints(), new Endpoints()];
        for (const batch of batches) {
          for (const { cluster, name, hosts } of batch)
            if (hosts) nodes.set(nodeKey(cluster, name), nodeOf(cluster, name, hosts));
            else nodes.delete(nodeKey(cluster, name));
          byEvent.follow(nodes, batch.map(({ cluster, name }) => nodeKey(cluster, name)));
          byAudit.follow(nodes);
          const fresh = new Endpoints();
          fresh.follow(nodes);
          const want = refuseCutOffs(clusters, { prefixes: [], addresses: walk(nodes) });
          for (const endpoints of [byEvent, byAudit, fresh])
            assert.deepEqual(refuseCutOffs(clusters, { prefixes: [], addresses: endpoints.claimedBy(clusters) }), want);
        }
      }),
    );
  });
});
