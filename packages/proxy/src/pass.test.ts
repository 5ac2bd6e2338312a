import assert from "node:assert/strict";
import type { NodeNeeds } from "@sdn-tunnel/common/admit/lifeline";
import { MeshState } from "@sdn-tunnel/common/admit/mesh-state";
import type { ServiceKey } from "@sdn-tunnel/common/admit/view";
import { createMetrics } from "@sdn-tunnel/common/daemon/metrics";
import { FakeRoutingTable } from "@sdn-tunnel/common/kernel/fake";
import { meshClusterSchema } from "@sdn-tunnel/common/mesh/mesh-cluster";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { objectKey, schemas } from "@sdn-tunnel/common/objects/mesh-object";
import type { MeshKind } from "@sdn-tunnel/common/objects/mesh-object";
import { Ruleset } from "@sdn-tunnel/common/netfilter/ruleset";
import { describe, it } from "vitest";
import { FakeConntrack } from "./conntrack/fake.ts";
import { createProxyMetrics } from "./metrics.ts";
import { NftablesBackend } from "./nftables/backend.ts";
import { FakeNftTable } from "./nftables/fake.ts";
import { readState } from "./nftables/state.ts";
import { NODE, ServicePass } from "./pass.ts";
import type { PassKey } from "./pass.ts";
import type { ServerKey } from "./services/server.ts";
import type { TargetKey } from "./services/target.ts";

const own = parseAddress("10.10.1.1");
const clusterOf = (name: string, spec: Record<string, unknown>) =>
  meshClusterSchema.parse({ apiVersion: "sdn-tunnel.io/v1alpha1", kind: "MeshCluster", metadata: { name }, spec });
const east = clusterOf("east", { podCIDRs: [{ cidr: "10.10.0.0/16" }], serviceCIDRs: [{ cidr: "172.30.0.0/16" }] });
const westSpec = { podCIDRs: [{ cidr: "10.20.0.0/16" }], serviceCIDRs: [{ cidr: "172.30.0.0/16", as: "172.31.0.0/16" }] };
const west = (changes: Record<string, unknown> = {}) => clusterOf("west", { ...westSpec, ...changes });

const publish = (kind: MeshKind, name: string, body: Record<string, unknown>) => {
  const metadata = kind === "Namespace" || kind === "MeshNode" ? { name } : { name, namespace: "ns", labels: { "kubernetes.io/service-name": name } };
  const object = schemas[kind].parse({ apiVersion: "sdn-tunnel.io/v1alpha1", kind, metadata, ...body });
  return { key: objectKey(object), object };
};
const service = (name: string, n: number, protocol = "TCP") => publish("Service", name, { spec: { clusterIPs: [`172.30.0.${n}`], ports: [{ name: "p", port: 80, protocol }] } });
const slice = (name: string, pods: readonly number[], protocol = "TCP") =>
  publish("EndpointSlice", name, { addressType: "IPv4", ports: [{ name: "p", port: 8080, protocol }], endpoints: pods.map((n) => ({ addresses: [`10.20.0.${n}`] })) });
const namespace = publish("Namespace", "ns", {});

/** A proxy on fakes, with cluster west known and its Service `web` published but not yet passed over. */
function setUp({ skipLifeline = false, ruleset = undefined as Ruleset | undefined } = {}) {
  const mesh = new MeshState("east");
  mesh.setClusters([east, west()]);
  mesh.setSynced("east");
  mesh.setSynced("west");
  mesh.apply("west", [namespace, service("web", 7), slice("web", [1, 2])]);
  const table = new FakeNftTable();
  const routing = new FakeRoutingTable([["eth0", "up"]], [own]);
  const conntrack = new FakeConntrack();
  const metrics = createMetrics({ processMetrics: false });
  const time = { now: 0 };
  const node: { needs: NodeNeeds } = { needs: { prefixes: [], addresses: [] } };
  const proxyMetrics = createProxyMetrics(metrics);
  const restart = (view: MeshState = mesh): ServicePass =>
    new ServicePass(
      { clusterName: "east", nodeName: "node-1", addresses: [own], nodeIPs: [], skipLifeline },
      {
        view,
        isDown: () => false,
        backend: new NftablesBackend(table, ruleset),
        routing,
        conntrack,
        host: { read: async () => ({ addresses: [{ device: "eth0", address: own }], defaultDevices: new Map([[4, "eth0"]]) }) },
        nodeNeeds: async () => node.needs,
        nodeSubnets: () => [],
        metrics: proxyMetrics,
        clock: { now: () => time.now, sleep: async () => {} },
      },
    );
  const shown = async (): Promise<string[]> => {
    const { prefixes, servers } = readState(await table.read());
    const routes = [...(await routing.list([254])).routes.values()].map(({ destination }) => `route ${destination}`);
    return [...routes, ...[...prefixes].map((prefix) => `guard ${prefix}`), ...[...servers].map(([key, { targets }]) => `${key} -> ${targets.toSorted().join(" ")}`)];
  };
  return { mesh, table, routing, conntrack, metrics, time, node, restart, shown };
}

const full = { full: true, keys: new Set<PassKey>() };
const event = (...keys: string[]) => ({ full: false, keys: new Set(keys as PassKey[]) });
const web = "west/ns/web";
const everything = ["route 172.31.0.0/16", "guard 172.31.0.0/16", "tcp/172.31.0.7:80 -> 10.20.0.1:8080 10.20.0.2:8080"];

describe("ServicePass", () => {
  it("applies what is published", async () => {
    const { restart, shown } = setUp();
    assert.deepEqual(await restart().run(full), new Map());
    assert.deepEqual(await shown(), everything);
  });

  it("writes nothing after a restart when nothing changed", async () => {
    const { restart, table, routing } = setUp();
    await restart().run(full);
    const [commits, routes] = [table.commits.length, routing.log.length];
    const pass = restart();
    await pass.run(full);
    await pass.run(event(web, NODE));
    assert.deepEqual([table.commits.length, routing.log.length], [commits, routes]);
  });

  it("reads the kernel in a full pass only when somebody else wrote, or something was refused", async () => {
    let generation = 1;
    const { restart, table, mesh } = setUp({ ruleset: new Ruleset(async () => generation) });
    let reads = 0;
    const read = table.read.bind(table);
    table.read = () => (reads++, read());
    const pass = restart();
    for (let i = 0; i < 3; i++) await pass.run(full);
    assert.equal(reads, 1);
    generation++;
    for (let i = 0; i < 2; i++) await pass.run(full);
    assert.equal(reads, 2);
    table.refuse = () => true;
    mesh.apply("west", [slice("web", [3])]);
    await pass.run(event(web));
    await pass.run(full);
    assert.equal(reads, 3);
  });

  it("follows an event without reading the kernel", async () => {
    const { restart, mesh, table, shown } = setUp();
    const pass = restart();
    await pass.run(full);
    table.read = () => assert.fail("read");
    mesh.apply("west", [slice("web", [2, 3])]);
    await pass.run(event(web));
    Reflect.deleteProperty(table, "read");
    assert.deepEqual((await shown()).slice(2), ["tcp/172.31.0.7:80 -> 10.20.0.2:8080 10.20.0.3:8080"]);
    mesh.apply("west", [{ key: service("web", 7).key }]);
    await pass.run(event(web));
    assert.deepEqual(await shown(), everything.slice(0, 2));
  });

  it("removes nothing at a restart until the sources have spoken", async () => {
    const { restart, shown, time } = setUp();
    await restart().run(full);
    const mesh = new MeshState("east");
    const pass = restart(mesh);
    await pass.run(full); // nothing is known yet
    assert.deepEqual(await shown(), everything);
    mesh.setClusters([east, west()]);
    mesh.setSynced("east");
    mesh.apply("west", [namespace, service("web", 7), slice("web", [2, 3])]); // west is silent but for this
    await pass.run(full);
    assert.deepEqual((await shown()).slice(2), ["tcp/172.31.0.7:80 -> 10.20.0.1:8080 10.20.0.2:8080 10.20.0.3:8080"]);
    time.now = 60_000; // the grace is over, and west still is silent
    mesh.apply("west", [slice("web", [])]);
    await pass.run(full);
    assert.deepEqual((await shown()).slice(2), ["tcp/172.31.0.7:80 -> 10.20.0.1:8080 10.20.0.2:8080 10.20.0.3:8080"]);
    mesh.setSynced("west");
    await pass.run(full);
    assert.deepEqual(await shown(), everything.slice(0, 2));
    mesh.setClusters([east]);
    await pass.run(full);
    assert.deepEqual(await shown(), []);
  });

  it("writes nothing for a paused cluster", async () => {
    const { restart, mesh, table, routing, shown } = setUp();
    const pass = restart();
    await pass.run(full);
    const [commits, routes] = [table.commits.length, routing.log.length];
    mesh.setClusters([east, west({ paused: true })]);
    mesh.apply("west", [slice("web", [9]), service("other", 8), slice("other", [1])]);
    await pass.run(full);
    await pass.run(event(web, "west/ns/other"));
    assert.deepEqual([table.commits.length, routing.log.length], [commits, routes]);
    mesh.setClusters([east, west()]);
    await pass.run(full);
    assert.deepEqual((await shown()).slice(2), ["tcp/172.31.0.7:80 -> 10.20.0.9:8080", "tcp/172.31.0.8:80 -> 10.20.0.1:8080"]);
  });

  it("applies nothing of a cluster that would cut this node off, and takes out what there is", async () => {
    const { restart, node, metrics, shown } = setUp();
    const pass = restart();
    await pass.run(full);
    node.needs = { prefixes: [{ prefix: parsePrefix("172.31.9.0/24"), what: "route on eth1" }], addresses: [] };
    await pass.run(event(NODE)); // the kernel told of the new subnet
    assert.deepEqual(await shown(), []);
    assert.match(pass.refusals[0]?.detail ?? "", /172\.31\.0\.0\/16 overlaps 172\.31\.9\.0\/24, which this node needs/);
    assert.match(await metrics.text(), /sdn_proxy_refused_clusters\{cluster="west",reason="WouldCutOff"\} 1/);
    node.needs = { prefixes: [], addresses: [] };
    await pass.run(event(NODE));
    assert.deepEqual(await shown(), everything);
  });

  it("refuses a prefix that holds a WireGuard endpoint", async () => {
    const { restart, mesh, shown } = setUp();
    const tunnels = [{ device: "a", publicKey: "A".repeat(43) + "=", endpoints: [{ host: "172.31.4.4", port: 5555 }] }];
    mesh.apply("west", [publish("MeshNode", "node-1", { spec: { subnets: ["10.20.0.0/24"], addresses: [], nodeIPs: [], tunnels } })]);
    const pass = restart();
    await pass.run(full);
    assert.deepEqual([pass.refusals.length, await shown()], [1, []]);
    const reckless = setUp({ skipLifeline: true });
    reckless.node.needs = { prefixes: [{ prefix: parsePrefix("172.31.9.0/24"), what: "route on eth1" }], addresses: [] };
    await reckless.restart().run(full);
    assert.deepEqual(await reckless.shown(), everything);
  });

  it("counts and repairs what somebody else changed", async () => {
    const { restart, table, metrics, shown } = setUp();
    const pass = restart();
    await pass.run(full);
    await table.commit([{ kind: "delete-element", map: "ep4_1", key: "172.31.0.7 . tcp . 80" }]);
    await pass.run(full);
    assert.deepEqual(await shown(), everything);
    assert.match(await metrics.text(), /sdn_proxy_drift_total 1/);
    await table.commit([{ kind: "drop" }]);
    await pass.run(full);
    assert.deepEqual(await shown(), everything);
  });

  it("names the Service whose change the kernel refused, applies the rest, and looks at the kernel before it tries again", async () => {
    const { restart, mesh, table, shown } = setUp();
    const pass = restart();
    await pass.run(full);
    mesh.apply("west", [service("other", 8), slice("other", [1]), slice("web", [3])]);
    table.refuse = (op) => op.kind === "add-element" && op.key === "172.31.0.8 . tcp . 80";
    assert.deepEqual(await pass.run(event(web, "west/ns/other")), new Map([["west/ns/other" as ServiceKey, "ENOMEM"]]));
    assert.deepEqual((await shown()).slice(2), ["tcp/172.31.0.7:80 -> 10.20.0.3:8080"]);
    table.refuse = () => false;
    await table.commit([{ kind: "drop" }]); // and the kernel is not what the shadow says
    await pass.run(event(web, "west/ns/other"));
    assert.deepEqual((await shown()).filter((line) => line.startsWith("tcp")), ["tcp/172.31.0.7:80 -> 10.20.0.3:8080", "tcp/172.31.0.8:80 -> 10.20.0.1:8080"]);
  });

  it("forgets UDP flows of removed targets, and tries again when that failed", async () => {
    const { restart, mesh, conntrack, metrics } = setUp();
    mesh.apply("west", [service("dns", 10, "UDP"), slice("dns", [1, 2], "UDP")]);
    const pass = restart();
    await pass.run(full);
    const flow = (target: string) => ({ server: "udp/172.31.0.10:80" as ServerKey, target: target as TargetKey, handle: target });
    conntrack.flows = [flow("10.20.0.1:8080"), flow("10.20.0.2:8080")];
    mesh.apply("west", [slice("dns", [2], "UDP")]);
    conntrack.listUdp = () => Promise.reject(new Error("EPERM"));
    await assert.rejects(pass.run(event("west/ns/dns")), /EPERM/);
    Reflect.deleteProperty(conntrack, "listUdp");
    await pass.run(full);
    assert.deepEqual(conntrack.flows.map(({ target }) => target), ["10.20.0.2:8080"]);
    assert.match(await metrics.text(), /sdn_proxy_forgotten_flows_total 1/);
  });

  it("does not depend on the order in which objects come", async () => {
    const [one, two] = [setUp(), setUp()];
    const objects = [service("a", 21), slice("a", [1]), service("b", 21), slice("b", [2]), service("c", 22), slice("c", [3, 4])];
    for (const object of objects) one.mesh.apply("west", [object]);
    for (const object of objects.toReversed()) two.mesh.apply("west", [object]);
    await one.restart().run(full);
    const pass = two.restart();
    for (const name of ["c", "b", "a", "web"]) await pass.run(event(`west/ns/${name}`, NODE));
    assert.deepEqual((await two.shown()).toSorted(), (await one.shown()).toSorted());
  });
});
