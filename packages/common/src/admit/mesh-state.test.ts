import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { happen, refusalsOf } from "../../testing/feeds.ts";
import { aMeshCluster, aMeshNode, aNamespace, aService, aSlice, arrival, departure } from "../../testing/objects.ts";
import { Sources, happenings, snapshot } from "../../testing/world.ts";
import type { MeshObject } from "../objects/mesh-object.ts";
import { MeshState } from "./mesh-state.ts";
import { nodeKey, serviceKey } from "./view.ts";
import type { NodeKey, ServiceKey, Touched } from "./view.ts";

/** `kind key` of everything in `touched`. */
const keysOf = (touched: readonly Touched[]): Set<string> =>
  new Set(
    touched.flatMap(({ clusters, nodes, services, namespaces }) => [
      ...[...clusters].map((key) => `cluster ${key}`),
      ...[...nodes].map((key) => `node ${key}`),
      ...[...services].map((key) => `service ${key}`),
      ...[...namespaces].map((key) => `namespace ${key}`),
    ]),
  );

/** What a reader sees under one key of a snapshot. */
function look(state: MeshState, key: string): unknown {
  const [kind, rest = ""] = key.split(" ");
  if (kind === "cluster") return state.clusters.get(rest);
  if (kind === "node") return state.node(rest as NodeKey);
  if (kind === "service") return state.service(rest as ServiceKey);
  const [cluster = "", namespace = ""] = rest.split("/");
  return state.namespaces(cluster).has(namespace) || undefined;
}

/** Drops keys under which there is nothing. */
const present = (seen: ReadonlyMap<string, unknown>): Map<string, unknown> => new Map([...seen].filter(([, value]) => value !== undefined));

/** A state that is given the final objects at once, each cluster's one by one in the order of `order`. */
function freshState(sources: Sources, synced: ReadonlySet<string>, order: Iterator<number>): MeshState {
  const state = new MeshState("east");
  state.setClusters(sources.clusters);
  for (const name of state.clusters.keys()) {
    const shuffled = sources.changesOf(name).map((change) => ({ change, at: order.next().value ?? 0 })).toSorted((a, b) => a.at - b.at);
    for (const { change } of shuffled) state.apply(name, [change]);
    if (synced.has(name)) state.setSynced(name);
  }
  return state;
}

const syncedIn = (state: MeshState): Set<string> => new Set([...state.clusters.values()].flatMap(({ name, synced }) => (synced ? [name] : [])));

/** What a reader does after each happening; an admission that is made once must not outlive its reasons. */
const readers: Readonly<Record<string, (state: MeshState) => void>> = {
  "nobody reads": () => {},
  "somebody reads everything": (state) => void snapshot(state),
};

describe("MeshState, whatever happens,", () => {
  for (const [reader, read] of Object.entries(readers))
    it(`ends like a fresh one that is given the final objects in any order, while ${reader}`, () => {
      fc.assert(
        fc.property(happenings({ conflicts: false }), fc.infiniteStream(fc.nat()), (all, order) => {
          const [state, sources] = [new MeshState("east"), new Sources()];
          for (const happening of all) {
            happen(state, sources, happening);
            read(state);
          }
          const fresh = freshState(sources, syncedIn(state), order);
          expect(snapshot(state)).toEqual(snapshot(fresh));
          expect(refusalsOf(state)).toEqual(refusalsOf(fresh));
        }),
        { numRuns: 150 },
      );
    });

  it("tells a reader that looks at nothing but what was touched the whole truth", () => {
    fc.assert(
      fc.property(happenings({ conflicts: false }), fc.infiniteStream(fc.nat()), (all, order) => {
        const [state, sources, mirror] = [new MeshState("east"), new Sources(), new Map<string, unknown>()];
        for (const happening of all) for (const key of keysOf(happen(state, sources, happening))) mirror.set(key, look(state, key));
        expect(present(mirror)).toEqual(present(snapshot(freshState(sources, syncedIn(state), order))));
      }),
      { numRuns: 150 },
    );
  });

  it("names in Touched every key whose view changed, also where the past decides who is in force", () => {
    fc.assert(
      fc.property(happenings({ conflicts: true }), (all) => {
        const [state, sources] = [new MeshState("east"), new Sources()];
        for (const happening of all) {
          const before = present(snapshot(state));
          const touched = keysOf(happen(state, sources, happening));
          const after = present(snapshot(state));
          for (const key of new Set([...before.keys(), ...after.keys()]))
            if (JSON.stringify(before.get(key)) !== JSON.stringify(after.get(key))) expect(touched, JSON.stringify(happening)).toContain(key);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("never lets two nodes of a cluster have one subnet, and leaves a subnet with who holds and claims it", () => {
    fc.assert(
      fc.property(happenings({ conflicts: true }), (all) => {
        const [state, sources] = [new MeshState("east"), new Sources()];
        for (const happening of all) {
          const before = new Map(state.nodes);
          const configured = happening.kind === "clusters";
          happen(state, sources, happening);
          const held = [...state.nodes.values()].flatMap(({ cluster, subnets }) => subnets.map((subnet) => `${cluster} ${subnet}`));
          expect(held.length).toBe(new Set(held).size);
          for (const [key, { subnets }] of configured ? [] : before) {
            const now = state.node(key);
            const claims = [...(sources.objects.get(key.split("/")[0] ?? "")?.values() ?? [])].find((o) => o.kind === "MeshNode" && o.name === now?.name);
            const mapped = state.clusters.get(now?.cluster ?? "")?.config.podCIDRs.some(({ cidr, as }) => cidr !== as);
            if (now && !mapped && claims?.kind === "MeshNode")
              for (const subnet of subnets) if (claims.subnets.includes(subnet)) expect(now.subnets).toContain(subnet);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});

const east = aMeshCluster("east", { pods: ["10.1.0.0/16"], services: ["10.96.0.0/16"] });
const west = aMeshCluster("west", { pods: ["10.2.0.0/16"], services: ["10.96.0.0/16=10.97.0.0/16"] });

const node = aMeshNode("node-1", { subnets: ["10.2.1.0/24"], addresses: ["10.2.1.1"], nodeIPs: ["192.0.2.21"] });
const kubernetes = [
  aNamespace("default"),
  aService("default/kubernetes", { clusterIP: "10.96.0.1", ports: [{ name: "https", port: 443 }] }),
  aSlice("default/kubernetes", [{ addresses: ["192.0.2.21"] }], { ports: [{ name: "https", port: 6443 }] }),
];

const given = (...objects: readonly MeshObject[]): MeshState => {
  const state = new MeshState("east");
  state.setClusters([east, west]);
  state.apply("west", objects.map(arrival));
  return state;
};

describe("MeshState", () => {
  it("shows a remote API server at its mapped address, with the node's address in the mesh as its endpoint", () => {
    const view = given(node, ...kubernetes).service(serviceKey("west", "default", "kubernetes"));
    expect(view?.vips).toEqual(["10.97.0.1"]);
    expect(view?.endpoints.map(({ address, node: on, ports }) => `${address} ${on} ${ports[0]?.port}`)).toEqual(["10.2.1.1 node-1 6443"]);
  });

  it("takes in an endpoint when its node arrives, and lets it go with the node", () => {
    const state = given(...kubernetes);
    const key = serviceKey("west", "default", "kubernetes");
    expect(state.service(key)?.endpoints).toEqual([]);
    expect([...state.refusals()].map(({ reason }) => reason)).toEqual(["OutsidePins"]);
    expect(state.apply("west", [arrival(node)])).toMatchObject({ nodes: new Set(["west/node-1"]), services: new Set([key]) });
    expect(state.service(key)?.endpoints.map(({ address }) => address)).toEqual(["10.2.1.1"]);
    expect([...state.refusals()]).toEqual([]);
    expect(state.apply("west", [departure(node)]).services).toEqual(new Set([key]));
    expect(state.service(key)?.endpoints).toEqual([]);
  });

  it("touches no Service when a node changes its key only", () => {
    const state = given(node, ...kubernetes);
    state.service(serviceKey("west", "default", "kubernetes"));
    const touched = state.apply("west", [arrival({ ...node, mtu: 1380 })]);
    expect(touched).toEqual({ clusters: new Set(), nodes: new Set(["west/node-1"]), services: new Set(), namespaces: new Set() });
  });

  it("touches nothing when the clusters are set again as they are", () => {
    const state = given(node, ...kubernetes);
    const touched = state.setClusters([{ ...west }, { ...east }]);
    expect(touched).toEqual({ clusters: new Set(), nodes: new Set(), services: new Set(), namespaces: new Set() });
  });

  it("forgets a cluster that is gone, and touches all that it had", () => {
    const state = given(node, ...kubernetes);
    state.setSynced("west");
    const touched = state.setClusters([east]);
    expect(touched).toEqual({
      clusters: new Set(["west"]),
      nodes: new Set(["west/node-1"]),
      services: new Set(["west/default/kubernetes"]),
      namespaces: new Set(["west/default"]),
    });
    expect(state.node(nodeKey("west", "node-1"))).toBeUndefined();
    state.setClusters([east, west]);
    expect(state.clusters.get("west")?.synced).toBe(false);
    expect([...state.serviceKeys()]).toEqual([]);
  });

  it("says of a cluster that is refused which one, and when that is over", () => {
    const state = given();
    const rival = aMeshCluster("rival", { pods: ["10.2.0.0/17"] });
    expect(state.setClusters([east, west, rival]).clusters).toEqual(new Set(["rival"]));
    expect([...state.refusals()].map(({ object, reason }) => `${object}: ${reason}`)).toEqual(["MeshCluster rival: Overlap"]);
    expect(state.setClusters([east, rival]).clusters).toEqual(new Set(["rival", "west"]));
    expect([...state.refusals()]).toEqual([]);
  });

  it("knows nothing of clusters, nodes and Services that nobody published", () => {
    const state = given();
    expect(state.node(nodeKey("north", "node-1"))).toBeUndefined();
    expect(state.service(serviceKey("west", "default", "nothing"))).toBeUndefined();
    expect(state.namespaces("north")).toEqual(new Set());
    expect(state.apply("north", kubernetes.map(arrival)).services.size).toBe(0);
    expect(state.setSynced("north").clusters.size).toBe(0);
  });
});
