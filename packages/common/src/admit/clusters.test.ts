import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aMeshCluster } from "../../testing/objects.ts";
import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import { overlaps } from "../net/overlap.ts";
import { admitClusters, reachedPrefixes } from "./clusters.ts";

const east = aMeshCluster("east", { pods: ["10.1.0.0/16"], services: ["10.96.0.0/16"] });
const west = aMeshCluster("west", { pods: ["10.2.0.0/16"], services: ["10.96.0.0/16=10.97.0.0/16"] });

/** Admits as east does, and tells who is in and why the others are not. */
function admit(clusters: readonly MeshCluster[], inForce: readonly MeshCluster[] = []) {
  const { admitted, refusals } = admitClusters("east", clusters, new Map(inForce.map((cluster) => [cluster.name, cluster])));
  return { in: [...admitted.keys()].toSorted(), out: Object.fromEntries(refusals.map(({ cluster, detail }) => [cluster, detail])) };
}

const cases = [
  { name: "admits clusters with equal service prefixes once one is mapped", clusters: [east, west], in: ["east", "west"], out: {} },
  {
    name: "refuses a cluster whose unmapped service prefix is the local one",
    clusters: [east, aMeshCluster("west", { pods: ["10.2.0.0/16"], services: ["10.96.0.0/16"] })],
    in: ["east"],
    out: { west: "10.96.0.0/16 overlaps 10.96.0.0/16 of east; map it with `as` to a free prefix" },
  },
  {
    name: "refuses a prefix nested in one of another cluster",
    clusters: [east, aMeshCluster("west", { pods: ["10.1.5.0/24"] })],
    in: ["east"],
    out: { west: "10.1.5.0/24 overlaps 10.1.0.0/16 of east; map it with `as` to a free prefix" },
  },
  {
    name: "refuses an IPv6 prefix around one of another cluster",
    clusters: [east, aMeshCluster("north", { pods: ["fd00:1::/48"] }), aMeshCluster("west", { pods: ["fd00::/16"] })],
    in: ["east", "north"],
    out: { west: "fd00::/16 overlaps fd00:1::/48 of north; map it with `as` to a free prefix" },
  },
  {
    name: "does not mind the prefix that a remote cluster has, only the one it is reached by",
    clusters: [east, aMeshCluster("a", { pods: ["10.3.0.0/16=10.4.0.0/16"] }), aMeshCluster("b", { pods: ["10.3.0.0/16"] })],
    in: ["a", "b", "east"],
    out: {},
  },
  {
    name: "takes the local cluster by the prefix that it has, whatever `as` says to others",
    clusters: [
      aMeshCluster("east", { pods: ["10.1.0.0/16=10.9.0.0/16"] }),
      aMeshCluster("a", { pods: ["10.1.0.0/16"] }),
      aMeshCluster("b", { pods: ["10.9.0.0/16"] }),
    ],
    in: ["b", "east"],
    out: { a: "10.1.0.0/16 overlaps 10.1.0.0/16 of east; map it with `as` to a free prefix" },
  },
  {
    name: "admits the first by name of two at a cold start",
    clusters: [east, aMeshCluster("west", { pods: ["10.3.0.0/16"] }), aMeshCluster("north", { pods: ["10.3.0.0/16"] })],
    in: ["east", "north"],
    out: { west: "10.3.0.0/16 overlaps 10.3.0.0/16 of north; map it with `as` to a free prefix" },
  },
  {
    name: "keeps the one in force, whatever its name",
    clusters: [east, aMeshCluster("west", { pods: ["10.3.0.0/16"] }), aMeshCluster("north", { pods: ["10.3.0.0/16"] })],
    inForce: [east, aMeshCluster("west", { pods: ["10.3.0.0/16"] })],
    in: ["east", "west"],
    out: { north: "10.3.0.0/16 overlaps 10.3.0.0/16 of west; map it with `as` to a free prefix" },
  },
  {
    name: "keeps the one in force also when it takes a further prefix",
    clusters: [east, aMeshCluster("west", { pods: ["10.3.0.0/16", "10.4.0.0/16"] }), aMeshCluster("north", { pods: ["10.3.0.0/16"] })],
    inForce: [east, aMeshCluster("west", { pods: ["10.3.0.0/16"] })],
    in: ["east", "west"],
    out: { north: "10.3.0.0/16 overlaps 10.3.0.0/16 of west; map it with `as` to a free prefix" },
  },
  {
    name: "refuses one in force that grows into another in force",
    clusters: [east, aMeshCluster("north", { pods: ["10.3.0.0/16", "10.4.0.0/16"] }), aMeshCluster("west", { pods: ["10.4.0.0/16"] })],
    inForce: [east, aMeshCluster("north", { pods: ["10.3.0.0/16"] }), aMeshCluster("west", { pods: ["10.4.0.0/16"] })],
    in: ["east", "west"],
    out: { north: "10.4.0.0/16 overlaps 10.4.0.0/16 of west; map it with `as` to a free prefix" },
  },
  {
    name: "prefers the local cluster to one in force",
    clusters: [east, aMeshCluster("a", { pods: ["10.1.0.0/16"] })],
    inForce: [aMeshCluster("a", { pods: ["10.1.0.0/16"] })],
    in: ["east"],
    out: { a: "10.1.0.0/16 overlaps 10.1.0.0/16 of east; map it with `as` to a free prefix" },
  },
  {
    name: "refuses a domain inside another",
    clusters: [east, aMeshCluster("west", { pods: ["10.3.0.0/16"], domain: "west.cluster.east" })],
    in: ["east"],
    out: { west: "its domain west.cluster.east collides with cluster.east of east" },
  },
  {
    name: "refuses a domain around another",
    clusters: [east, aMeshCluster("west", { pods: ["10.3.0.0/16"], domain: "east" })],
    in: ["east"],
    out: { west: "its domain east collides with cluster.east of east" },
  },
  {
    name: "refuses the domain that the local cluster has for itself",
    clusters: [east, aMeshCluster("west", { pods: ["10.3.0.0/16"], domain: "cluster.local" })],
    in: ["east"],
    out: { west: "its domain cluster.local collides with cluster.local of east" },
  },
  {
    name: "does not take one domain for inside another by its letters alone",
    clusters: [east, aMeshCluster("west", { pods: ["10.3.0.0/16"], domain: "mycluster.east" })],
    in: ["east", "west"],
    out: {},
  },
  { name: "admits remote clusters before the local one is known", clusters: [west], in: ["west"], out: {} },
];

describe("admitClusters()", () => {
  for (const { name, clusters, inForce = [], in: inside, out } of cases)
    it(name, () => expect(admit(clusters, inForce)).toEqual({ in: inside, out }));

  const claims = [["10.1.0.0/16"], ["10.2.0.0/16"], ["10.2.8.0/24", "10.3.0.0/16"], ["fd00::/48"], ["fd00:0:0:8::/64", "10.1.0.0/16"]];

  /** Up to six clusters that collide often. */
  const world = fc
    .uniqueArray(fc.tuple(fc.constantFrom("east", "a", "b", "c", "d", "e"), fc.constantFrom(...claims)), { selector: ([name]) => name })
    .map((specs) => specs.map(([name, pods]) => aMeshCluster(name, { pods })));

  it("never admits two that overlap, and does not depend on the order", () => {
    fc.assert(
      fc.property(world, (clusters) => {
        const { admitted } = admitClusters("east", clusters, new Map());
        const prefixes = [...admitted.values()].map(reachedPrefixes);
        for (const [i, own] of prefixes.entries())
          for (const other of prefixes.slice(i + 1)) expect(own.some((a) => other.some((b) => overlaps(a, b)))).toBe(false);
        expect(admit(clusters.toReversed())).toEqual(admit(clusters));
      }),
    );
  });

  it("changes nothing when it is asked again", () => {
    fc.assert(
      fc.property(world, world, (first, then) => {
        const before = admitClusters("east", first, new Map()).admitted;
        const once = admitClusters("east", then, before);
        const twice = admitClusters("east", then, once.admitted);
        expect([...twice.admitted.keys()].toSorted()).toEqual([...once.admitted.keys()].toSorted());
      }),
    );
  });
});
