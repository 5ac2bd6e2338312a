import assert from "node:assert/strict";
import { MeshState } from "@sdn-tunnel/common/admit/mesh-state";
import type { Touched } from "@sdn-tunnel/common/admit/view";
import { createMetrics } from "@sdn-tunnel/common/daemon/metrics";
import { FakeRoutingTable } from "@sdn-tunnel/common/kernel/fake";
import { meshClusterSchema } from "@sdn-tunnel/common/mesh/mesh-cluster";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { objectKey, schemas } from "@sdn-tunnel/common/objects/mesh-object";
import fc from "fast-check";
import { describe, it } from "vitest";
import { FakeConntrack } from "./conntrack/fake.ts";
import { Events } from "./events.ts";
import { createProxyMetrics } from "./metrics.ts";
import { NftablesBackend } from "./nftables/backend.ts";
import { FakeNftTable } from "./nftables/fake.ts";
import { readState } from "./nftables/state.ts";
import { ServicePass } from "./pass.ts";
import type { PassKey } from "./pass.ts";

const apiVersion = "sdn-tunnel.io/v1alpha1";
const own = parseAddress("10.10.1.1");
const clusterOf = (name: string, n: number) => {
  const spec = { podCIDRs: [{ cidr: `10.${n}.0.0/16` }], serviceCIDRs: [{ cidr: "172.30.0.0/16", as: `172.${n}.0.0/16` }, { cidr: `fd00:${n}::/48` }] };
  return meshClusterSchema.parse({ apiVersion, kind: "MeshCluster", metadata: { name }, spec });
};
const remotes = ["west", "south"];

/** A node's MeshNode with these WireGuard endpoints; without any, its withdrawal. */
function nodeChange(name: string, hosts: readonly string[] | undefined, addresses: readonly string[] = []) {
  const tunnels = [{ device: "a", publicKey: "A".repeat(43) + "=", endpoints: (hosts ?? []).map((host) => ({ host, port: 5555 })) }];
  const spec = { subnets: ["10.10.1.0/24"], addresses, nodeIPs: [], tunnels };
  const object = schemas.MeshNode.parse({ apiVersion, kind: "MeshNode", metadata: { name }, spec });
  return hosts ? { key: objectKey(object), object } : { key: objectKey(object) };
}

function meshOf(): MeshState {
  const mesh = new MeshState("east");
  mesh.setClusters([clusterOf("east", 10), clusterOf("west", 20), clusterOf("south", 21)]);
  for (const name of ["east", ...remotes]) mesh.setSynced(name);
  return mesh;
}

/** A proxy on fakes that has passed once, and follows events. */
async function proxyOn(view: MeshState) {
  const table = new FakeNftTable();
  const routing = new FakeRoutingTable([["eth0", "up"]], [own]);
  const reads = { count: 0 };
  const pass = new ServicePass(
    { clusterName: "east", nodeName: "node-1", addresses: [], nodeIPs: [], skipLifeline: false },
    {
      view,
      isDown: () => false,
      backend: new NftablesBackend(table),
      routing,
      conntrack: new FakeConntrack(),
      host: { read: async () => ({ addresses: [{ device: "eth0", address: own }], defaultDevices: new Map([[4, "eth0"]]) }) },
      nodeNeeds: async () => (reads.count++, { prefixes: [], addresses: [] }),
      nodeSubnets: () => [],
      metrics: createProxyMetrics(createMetrics({ processMetrics: false })),
      clock: { now: () => 0, sleep: async () => {} },
    },
  );
  await pass.run({ full: true, keys: new Set() });
  const keys = new Set<PassKey>();
  const mark = (marked: Iterable<PassKey>): void => [...marked].forEach((key) => keys.add(key));
  const events = new Events({ mark, markAll: () => assert.fail("a full pass") }, pass.aims.catalog);
  const follow = async (...all: readonly Touched[]): Promise<void> => {
    for (const touched of all) events.published(touched);
    await pass.run({ full: false, keys: new Set(keys) });
    keys.clear();
  };
  const shown = async () => {
    const routes = [...(await routing.list([254])).routes.values()].map(({ destination, source }) => `${destination} src ${source}`);
    const { prefixes } = readState(await table.read());
    return { refusals: pass.refusals, conditions: pass.routeConditions, prefixes: [...prefixes].toSorted(), routes: routes.toSorted() };
  };
  return { follow, shown, reads };
}

const step = fc.record({
  cluster: fc.constantFrom("east", ...remotes),
  name: fc.constantFrom("node-1", "node-2"),
  hosts: fc.option(fc.array(fc.constantFrom("203.0.113.7", "vpn.example.com", "172.20.0.3", "172.20.0.20", "172.21.0.7", "fd00:20::7", "10.20.3.3"), { maxLength: 2 }), { nil: undefined }),
  addresses: fc.constantFrom([], ["10.10.1.1"], ["10.10.1.2"]),
});

describe("ServicePass, when nodes are published,", () => {
  it("ends like a full pass of a process that starts now", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 }), async (batches) => {
        const mesh = meshOf();
        const proxy = await proxyOn(mesh);
        for (const batch of batches) {
          await proxy.follow(...batch.map(({ cluster, name, hosts, addresses }) => mesh.apply(cluster, [nodeChange(name, hosts, addresses)])));
          assert.deepEqual(await proxy.shown(), await (await proxyOn(mesh)).shown());
        }
      }),
      { numRuns: 50 },
    );
  });

  const cases = [
    { name: "looks at this node again for its own", cluster: "east", node: "node-1", hosts: ["203.0.113.7"], reads: 1 },
    { name: "does not for another one", cluster: "west", node: "node-1", hosts: ["203.0.113.7", "vpn.example.com"], reads: 0 },
    { name: "does for one whose endpoint a cluster claims", cluster: "east", node: "node-2", hosts: ["172.20.4.4"], reads: 1 },
  ];
  for (const { name, cluster, node, hosts, reads } of cases)
    it(name, async () => {
      const mesh = meshOf();
      const proxy = await proxyOn(mesh);
      const before = proxy.reads.count;
      await proxy.follow(mesh.apply(cluster, [nodeChange(node, hosts)]));
      assert.equal(proxy.reads.count - before, reads);
    });

  it("refuses a cluster while an endpoint lies in one of its prefixes", async () => {
    const mesh = meshOf();
    const proxy = await proxyOn(mesh);
    const refused = async () => (await proxy.shown()).refusals.map(({ cluster, detail }) => `${cluster}: ${detail}`);
    await proxy.follow(mesh.apply("south", [nodeChange("node-2", ["172.20.4.4"])]));
    assert.deepEqual(await refused(), ["west: 172.20.0.0/16 holds 172.20.4.4, which this node needs (WireGuard endpoint of south/node-2)"]);
    await proxy.follow(mesh.apply("south", [nodeChange("node-2", ["203.0.113.7"])]));
    assert.deepEqual(await refused(), []);
  });
});
