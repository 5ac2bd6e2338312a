import assert from "node:assert/strict";
import type { MeshState } from "@sdn-tunnel/common/admit/mesh-state";
import type { NodeNeeds } from "@sdn-tunnel/common/admit/lifeline";
import { nodeKey } from "@sdn-tunnel/common/admit/view";
import type { Touched } from "@sdn-tunnel/common/admit/view";
import { FakeRoutingTable } from "@sdn-tunnel/common/kernel/fake";
import type { MeshNode } from "@sdn-tunnel/common/mesh/mesh-node";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { objectKey } from "@sdn-tunnel/common/objects/mesh-object";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { keyOfLetter, testCluster, testMesh, testNode } from "./bed/objects.ts";
import { parseConfig } from "./config.ts";
import { generateKey, publicKeyOf } from "./keys/key.ts";
import type { PacketContext } from "./packets/plan.ts";
import { TunnelPass } from "./pass.ts";
import { FakeDevice } from "./peers/fake.ts";

const [OWN4, OWN6] = ["10.21.1.1", "fd00:21:0:1::1"].map((text) => parseAddress(text));
const privateKey = generateKey();
const config = parseConfig(
  "--source x --cluster-name east --node-name node-1 --node-ip 192.0.2.1 --node-subnet 10.21.1.0/24 --node-subnet fd00:21:0:1::/64".split(" "),
);

/** A node whose kernel is made of fakes; a new pass over the same kernel is a restart of the daemon. */
class Node {
  readonly device = new FakeDevice();
  readonly routing = new FakeRoutingTable([["sdn-wg-a", "up"]], [OWN4!, OWN6!]);
  readonly mesh: MeshState;
  needs: NodeNeeds = { prefixes: [], addresses: [] };
  packets: PacketContext | undefined;
  sinceStartMs = 0;
  /** Happens while a full pass looks around and prepares the host. */
  meanwhile = (): void => undefined;
  pass: TunnelPass;

  constructor(mesh: MeshState) {
    this.mesh = mesh;
    this.pass = this.restart();
  }

  restart(): TunnelPass {
    const link = { index: 1, name: "sdn-wg-a", up: true, mtu: 1420 };
    return (this.pass = new TunnelPass(config, {
      device: this.device,
      routing: this.routing,
      view: this.mesh,
      privateKey,
      ensureDevice: async () => undefined,
      links: { list: async () => [link], find: async () => link, set: async () => undefined },
      nodeNeeds: async () => this.needs,
      hostAddresses: async () => [OWN4!, OWN6!].map((address) => ({ address, device: "cni0" })),
      nodeObject: () => undefined,
      wiringConditions: async () => (this.meanwhile(), []),
      sinceStartMs: () => this.sinceStartMs,
      clock: { now: () => 1_800_000_000_000, sleep: async () => undefined },
      resolved: () => undefined,
      prepareHost: async (_, packets) => (this.meanwhile(), (this.packets = packets), []),
      settled: async () => undefined,
    }));
  }

  /** Runs a pass; returns what was written. */
  async run(touched?: Touched): Promise<string[]> {
    const before = [this.device.log.length, this.routing.log.length] as const;
    const failed = await this.pass.run({ full: touched === undefined, keys: touched?.nodes ?? new Set() });
    assert.deepEqual([...failed], []);
    return [...this.device.log.slice(before[0]), ...this.routing.log.slice(before[1])];
  }

  async full(): Promise<string[]> {
    return this.run();
  }

  change(cluster: string, ...changes: (MeshNode | { gone: string })[]): Touched {
    return this.mesh.apply(
      cluster,
      changes.map((change) => ("gone" in change ? { key: objectKey({ kind: "MeshNode", name: change.gone }) } : { key: objectKey(change), object: change })),
    );
  }

  sync(...clusters: string[]): void {
    for (const cluster of clusters) this.mesh.setSynced(cluster);
  }
}

const west = (n: number, ...nodes: MeshNode[]) => testMesh([testCluster("west", n)], { west: nodes });
const addLines = (letter: string, n: number, i: number): string[] => [
  `wg set sdn-wg-a peer ${keyOfLetter(letter)} endpoint 192.0.2.${n + i}:5555 allowed-ips 10.${n}.${i}.0/24,fd00:${n}:0:${i}::/64`,
];
const routeLines = (verb: "replace" | "del", n: number, i: number): string[] => [
  `ip route ${verb} 10.${n}.${i}.0/24 dev sdn-wg-a table 5555 proto 215 metric 215 src ${OWN4}`,
  `ip route ${verb} fd00:${n}:0:${i}::/64 dev sdn-wg-a table 5555 proto 215 metric 215 src ${OWN6}`,
];
const RULES = ["ip -4 rule add pref 600 lookup 5555 proto 215", "ip -6 rule add pref 600 lookup 5555 proto 215"];

describe("TunnelPass", () => {
  it("writes peers, then routes, then rules", async () => {
    const node = new Node(west(22, testNode(22, 1, "a")));
    assert.deepEqual(await node.full(), [...addLines("a", 22, 1), ...routeLines("replace", 22, 1), ...RULES]);
    assert.equal((await node.device.observe()).publicKey, publicKeyOf(privateKey));
    assert.deepEqual(node.packets?.remotePrefixes, ["10.22.0.0/16", "fd00:22::/48"]);
  });

  it("takes a node that comes, and one that changes its key, while it looks around, for no rival of anybody", async () => {
    const node = new Node(west(22));
    const arrivals = [testNode(22, 1, "a"), testNode(22, 1, "b")];
    node.meanwhile = () => void node.change("west", ...arrivals.splice(0, 1));
    await node.full();
    assert.deepEqual([...node.pass.planner.plans.values()].map(({ refusals }) => refusals), [[]]);
    assert.deepEqual([...(await node.device.observe()).peers.keys()], [keyOfLetter("b")]);
  });

  it("leaves a peer that roamed while the daemon was away, and writes what is published anew at once", async () => {
    const node = new Node(west(22, testNode(22, 1, "a")));
    node.sync("east", "west");
    await node.full();
    node.device.hear(keyOfLetter("a"), { endpoint: { host: parseAddress("192.0.2.200"), port: 7 }, handshakeAt: 1_800_000_000_000 - 1000 });
    node.restart();
    assert.deepEqual(await node.full(), []);
    const moved = { tunnels: [{ device: "a", publicKey: keyOfLetter("a"), endpoints: [{ host: "192.0.2.23", port: 31_555 }] }] };
    assert.deepEqual(await node.run(node.change("west", testNode(22, 1, "a", moved))), [`wg set sdn-wg-a peer ${keyOfLetter("a")} endpoint 192.0.2.23:31555`]);
  });

  it("writes nothing when nothing changed, nor after a restart", async () => {
    const node = new Node(west(22, testNode(22, 1, "a"), testNode(22, 2, "b")));
    node.sync("east", "west");
    await node.full();
    assert.deepEqual(await node.full(), []);
    node.restart();
    assert.deepEqual(await node.full(), []);
  });

  it("in an event pass writes what the event changed, and reads nothing", async () => {
    const node = new Node(west(22, testNode(22, 1, "a")));
    node.sync("east", "west");
    await node.full();
    const touched = node.change("west", testNode(22, 2, "b"));
    node.device.kill(); // would be noticed by a read
    node.device.start();
    assert.deepEqual(await node.run(touched), [...addLines("b", 22, 2), ...routeLines("replace", 22, 2)]);
  });

  it("moves a subnet from node to node in one step", async () => {
    const node = new Node(west(22, testNode(22, 1, "a"), testNode(22, 2, "b")));
    node.sync("east", "west");
    await node.full();
    const subnets = ["10.22.1.0/24", "10.22.2.0/24", "fd00:22:0:2::/64"];
    const touched = node.change("west", testNode(22, 1, "a", { subnets: ["fd00:22:0:1::/64"] }), testNode(22, 2, "b", { subnets }));
    assert.deepEqual(await node.run(touched), [`wg set sdn-wg-a peer ${keyOfLetter("b")} allowed-ips +10.22.1.0/24`]);
    assert.deepEqual(await node.full(), []);
  });

  it("gives a subnet that moved in two events to its new owner all the same", async () => {
    const node = new Node(west(22, testNode(22, 1, "a")));
    node.sync("east", "west");
    await node.full();
    await node.run(node.change("west", testNode(22, 1, "a", { subnets: ["fd00:22:0:1::/64"] })));
    await node.run(node.change("west", testNode(22, 2, "b", { subnets: ["10.22.1.0/24"] })));
    assert.deepEqual([...((await node.device.observe()).peers.get(keyOfLetter("b"))?.allowedIPs ?? [])], ["10.22.1.0/24"]);
    assert.deepEqual(await node.full(), []);
  });

  it("replaces a key: the new peer takes the prefixes, then the old one goes", async () => {
    const node = new Node(west(22, testNode(22, 1, "a")));
    node.sync("east", "west");
    await node.full();
    assert.deepEqual(await node.run(node.change("west", testNode(22, 1, "n"))), [...addLines("n", 22, 1), `wg set sdn-wg-a peer ${keyOfLetter("a")} remove`]);
  });

  it("removes nothing before every source has synced, and after 30 s only what no silent cluster may own", async () => {
    const clusters = [testCluster("west", 22), testCluster("north", 23)];
    const before = new Node(testMesh(clusters, { west: [testNode(22, 1, "a")], north: [testNode(23, 1, "n")] }));
    before.sync("east", "west", "north");
    await before.full();
    const after = new Node(testMesh(clusters, {}));
    Object.assign(after, { device: before.device, routing: before.routing });
    after.restart();
    assert.deepEqual(await after.full(), []);
    after.sync("east", "west");
    assert.deepEqual(await after.full(), []);
    after.sinceStartMs = 31_000;
    assert.deepEqual(await after.full(), [`wg set sdn-wg-a peer ${keyOfLetter("a")} remove`, ...routeLines("del", 22, 1)]);
    after.sync("north");
    assert.deepEqual(await after.full(), [`wg set sdn-wg-a peer ${keyOfLetter("n")} remove`, ...routeLines("del", 23, 1)]);
  });

  it("takes out a cluster that would cut this node off, and takes it back", async () => {
    const node = new Node(west(22, testNode(22, 1, "a")));
    node.sync("east", "west");
    await node.full();
    node.needs = { prefixes: [{ prefix: parsePrefix("10.22.9.0/24"), what: "route on eth1" }], addresses: [] };
    assert.deepEqual(await node.full(), [`wg set sdn-wg-a peer ${keyOfLetter("a")} remove`, ...routeLines("del", 22, 1)]);
    assert.deepEqual(node.packets?.remotePrefixes, []);
    assert.equal(node.pass.situation?.cutOffs.get("west")?.reason, "WouldCutOff");
    node.needs = { prefixes: [], addresses: [] };
    assert.deepEqual(await node.full(), [...addLines("a", 22, 1), ...routeLines("replace", 22, 1)]);
  });

  it("lets no new cluster swallow a WireGuard endpoint that is in use", async () => {
    const node = new Node(testMesh([testCluster("west", 22)], { west: [testNode(22, 1, "a")] }));
    node.sync("east", "west");
    await node.full();
    node.mesh.setClusters([testCluster("east", 21), testCluster("west", 22), testCluster("crooked", 23, { podCIDRs: [{ cidr: "192.0.2.0/24" }] })]);
    assert.deepEqual(await node.full(), []);
    assert.match(node.pass.situation?.cutOffs.get("crooked")?.detail ?? "", /holds 192\.0\.2\.23, which this node needs \(WireGuard endpoint of west\)/);
  });

  it("refuses an endpoint inside a routed prefix, and takes the next", async () => {
    const endpoints = [{ host: "10.22.1.7", port: 5555 }, { host: "192.0.2.77", port: 5555 }];
    const node = new Node(west(22, testNode(22, 1, "a", { tunnels: [{ device: "a", publicKey: keyOfLetter("a"), endpoints }] })));
    assert.match((await node.full())[0] ?? "", /endpoint 192\.0\.2\.77:5555 persistent-keepalive 25/);
    const [plan] = node.pass.planner.plans.values();
    assert.deepEqual(plan?.refusals.map(({ reason }) => reason), ["RoutedEndpoint"]);
  });

  it("writes nothing for a paused cluster, in events and in full passes, and keeps what is there", async () => {
    const node = new Node(west(22, testNode(22, 1, "a")));
    node.sync("east", "west");
    await node.full();
    node.mesh.setClusters([testCluster("east", 21), testCluster("west", 22, { paused: true })]);
    assert.deepEqual(await node.full(), []);
    const touched = node.change("west", { gone: "node-1" }, testNode(22, 2, "b"));
    assert.deepEqual(await node.run(touched), []);
    assert.deepEqual(await node.full(), []);
    node.mesh.setClusters([testCluster("east", 21), testCluster("west", 22)]);
    assert.deepEqual(await node.full(), [
      ...addLines("b", 22, 2),
      `wg set sdn-wg-a peer ${keyOfLetter("a")} remove`,
      ...routeLines("replace", 22, 2),
      ...routeLines("del", 22, 1),
    ]);
  });

  it("holds a cluster whose preshared key cannot be read: it must not fall back to none", async () => {
    const node = new Node(testMesh([testCluster("west", 22, { presharedKeyFile: "/nonexistent/psk" })], { west: [testNode(22, 1, "a")] }));
    assert.deepEqual(await node.full(), RULES);
    assert.match(node.pass.situation?.held.get("west") ?? "", /ENOENT/);
  });

  describe("when two nodes publish one key", () => {
    it("refuses both at a cold start", async () => {
      const node = new Node(west(22, testNode(22, 1, "a"), testNode(22, 2, "a")));
      assert.deepEqual(await node.full(), RULES);
    });

    it("leaves it with the node that has it in the kernel, also over a restart", async () => {
      const node = new Node(west(22, testNode(22, 1, "a")));
      node.sync("east", "west");
      await node.full();
      assert.deepEqual(await node.run(node.change("west", testNode(22, 2, "a"))), []);
      node.restart();
      assert.deepEqual(await node.full(), []);
      const reasons = [...node.pass.planner.plans].map(([key, { refusals }]) => [key, refusals.map(({ reason }) => reason)]);
      assert.deepEqual(reasons, [[nodeKey("west", "node-1"), []], [nodeKey("west", "node-2"), ["KeyConflict"]]]);
    });

    it("gives it to the other one once its owner has another, in the same pass", async () => {
      const node = new Node(west(22, testNode(22, 1, "a")));
      node.sync("east", "west");
      await node.full();
      await node.run(node.change("west", testNode(22, 2, "a")));
      await node.run(node.change("west", testNode(22, 1, "n")));
      const { peers } = await node.device.observe();
      assert.deepEqual([...(peers.get(keyOfLetter("a"))?.allowedIPs ?? [])].toSorted(), ["10.22.2.0/24", "fd00:22:0:2::/64"]);
      assert.deepEqual([...(peers.get(keyOfLetter("n"))?.allowedIPs ?? [])].toSorted(), ["10.22.1.0/24", "fd00:22:0:1::/64"]);
    });

    it("refuses one that claims this node's own", async () => {
      const tunnels = [{ device: "a", publicKey: publicKeyOf(privateKey), endpoints: [] }];
      const node = new Node(west(22, testNode(22, 1, "a", { tunnels })));
      assert.deepEqual(await node.full(), RULES);
    });
  });

  it("says which node a failure belongs to, and goes on with the others", async () => {
    const node = new Node(west(22, testNode(22, 1, "a"), testNode(22, 2, "b")));
    await node.full();
    node.routing.setDevice("sdn-wg-a", "down");
    const touched = node.change("west", testNode(22, 3, "c"));
    const failed = await node.pass.run({ full: false, keys: touched.nodes });
    assert.deepEqual([...failed.keys()], [nodeKey("west", "node-3")]);
    assert.match(failed.get(nodeKey("west", "node-3")) ?? "", /ip route replace .*: ENETDOWN/);
    node.routing.setDevice("sdn-wg-a", "up");
    assert.equal((await node.full()).length, 6);
  });

  it("by events alone ends where a full pass ends, in whatever order they come", () => {
    const anyNode = fc.record({ i: fc.integer({ min: 1, max: 4 }), letter: fc.constantFrom("a", "b", "c", "d"), swap: fc.boolean() });
    const anyEvent = fc.oneof({ weight: 3, arbitrary: anyNode }, fc.record({ gone: fc.integer({ min: 1, max: 4 }).map((i) => `node-${i}`) }));
    return fc.assert(
      fc.asyncProperty(fc.array(anyEvent, { maxLength: 12 }), async (events) => {
        const node = new Node(west(22));
        node.sync("east", "west");
        await node.full();
        for (const event of events) {
          const change = "gone" in event ? event : testNode(22, event.i, event.letter, event.swap ? { subnets: [`10.22.${5 - event.i}.0/24`] } : {});
          await node.run(node.change("west", change));
        }
        assert.deepEqual(await node.full(), []);
        const { peers } = await node.device.observe();
        const routed = [...(await node.routing.list([5555])).routes.values()].map(({ destination }) => destination);
        assert.deepEqual(new Set(routed), new Set([...peers.values()].flatMap(({ allowedIPs }) => [...allowedIPs])));
      }),
      { numRuns: 60 },
    );
  });
});

