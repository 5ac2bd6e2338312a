import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { happen, refusalsOf } from "../../testing/feeds.ts";
import { arrival } from "../../testing/objects.ts";
import { admitPlainly } from "../../testing/plain-admission.ts";
import type { Placement } from "../../testing/plain-admission.ts";
import { Sources, happenings, snapshot } from "../../testing/world.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import type { Prefix } from "../net/prefix.ts";
import type { ObjectChange } from "../sources/source.ts";
import { MeshState } from "./mesh-state.ts";
import type { ClusterView } from "./view.ts";

const LOCAL = "east";

const nodesOf = (sources: Sources, cluster: string): MeshNode[] =>
  sources.changesOf(cluster).flatMap(({ object }) => (object?.kind === "MeshNode" ? [object] : []));

/** What is in force of the nodes of one cluster. */
const inForce = (state: MeshState, cluster: string): Map<string, Placement> =>
  new Map([...state.nodes.values()].filter((node) => node.cluster === cluster).map(({ name, subnets, addresses }) => [name, { subnets, addresses }]));

const byName = <V>(map: ReadonlyMap<string, V>): [string, V][] => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** Nodes as published, but with those of their subnets alone that are in force: who is given these first holds them. */
function holders(state: MeshState, sources: Sources, { name: cluster, config }: ClusterView): ObjectChange[] {
  const held = inForce(state, cluster);
  return nodesOf(sources, cluster).flatMap((node) => {
    const own = held.get(node.name)?.subnets;
    const mapped = (subnet: Prefix) => admitPlainly(config, [{ ...node, subnets: [subnet] }], new Map(), 1).get(node.name)?.subnets ?? [];
    return own ? [arrival({ ...node, subnets: node.subnets.filter((subnet) => mapped(subnet).some((as) => own.includes(as))) })] : [];
  });
}

/** A state that knows who holds what, and is then given the final objects: shuffled, in batches of one to three. */
function told(state: MeshState, sources: Sources, dice: Iterator<number>): MeshState {
  const roll = (): number => dice.next().value ?? 0;
  const fresh = new MeshState(LOCAL);
  const admitted = new Set(state.clusters.keys());
  fresh.setClusters(sources.clusters.filter(({ name }) => admitted.has(name)));
  fresh.setClusters(sources.clusters);
  for (const cluster of state.clusters.values()) {
    const { name, synced } = cluster;
    fresh.apply(name, holders(state, sources, cluster));
    const rest = sources.changesOf(name).map((change) => ({ change, at: roll() })).toSorted((a, b) => a.at - b.at);
    while (rest.length > 0) fresh.apply(name, rest.splice(0, 1 + (roll() % 3)).map(({ change }) => change));
    if (synced) fresh.setSynced(name);
  }
  return fresh;
}

describe("MeshState, where the past decides who is in force,", () => {
  it("places nodes after every change as if it had looked at all of them", () => {
    fc.assert(
      fc.property(happenings({ conflicts: true }), (all) => {
        const [state, sources] = [new MeshState(LOCAL), new Sources()];
        for (const happening of all) {
          const before = new Map([...state.clusters.keys()].map((name) => [name, inForce(state, name)]));
          happen(state, sources, happening);
          for (const { name, local, config } of state.clusters.values()) {
            const want = admitPlainly(config, nodesOf(sources, name), before.get(name) ?? new Map(), local ? Number.POSITIVE_INFINITY : undefined);
            expect(byName(inForce(state, name))).toEqual(byName(want));
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("ends like one that is told who holds what, and then everything in any order and any batches", () => {
    fc.assert(
      fc.property(happenings({ conflicts: true }), fc.infiniteStream(fc.nat()), (all, dice) => {
        const [state, sources] = [new MeshState(LOCAL), new Sources()];
        for (const happening of all) {
          happen(state, sources, happening);
          snapshot(state);
        }
        const fresh = told(state, sources, dice);
        expect(snapshot(state)).toEqual(snapshot(fresh));
        expect(refusalsOf(state)).toEqual(refusalsOf(fresh));
      }),
      { numRuns: 150 },
    );
  });
});
