import { describe, expect, it } from "vitest";
import { aMeshCluster, aNamespace, aService, aSlice, arrival, departure } from "../../testing/objects.ts";
import type { ObjectChange } from "../sources/source.ts";
import { MeshState } from "./mesh-state.ts";

const east = aMeshCluster("east", { pods: ["10.1.0.0/16"] });
const west = (spec: object) => aMeshCluster("west", { pods: ["10.2.0.0/16"], ...spec });

/** A Service in namespace `ns` with that many endpoints, as its objects arrive. */
function service(name: string, endpoints = 1, labels: Readonly<Record<string, string>> = {}): ObjectChange[] {
  const addresses = Array.from({ length: endpoints }, (_, i) => ({ addresses: [`10.2.0.${i + 1}`] }));
  return [aService(`ns/${name}`, {}, labels), aSlice(`ns/${name}`, addresses)].map(arrival);
}

const given = (spec: object, changes: readonly ObjectChange[]): MeshState => {
  const state = new MeshState("east");
  state.setClusters([east, west(spec)]);
  state.apply("west", [arrival(aNamespace("ns", { team: "a" })), ...changes]);
  return state;
};

/** Imported Services of west in name order, each with how many endpoints it has. */
function imported(state: MeshState): string {
  const views = [...state.serviceKeys()].map((key) => state.service(key)).filter((view) => view !== undefined);
  return views.map(({ name, endpoints }) => `${name}:${endpoints.length}`).toSorted().join(" ");
}

const refusals = (state: MeshState) => [...state.refusals()].map(({ object, reason, detail }) => `${object}: ${reason}: ${detail}`).toSorted();

const three = [...service("a", 2), ...service("b", 2), ...service("c", 2)];
const labelled = [...service("a", 1, { public: "yes" }), ...service("b", 1), ...service("c", 1, { public: "no" })];

const cases = [
  { name: "everything by default", spec: {}, changes: three, want: "a:2 b:2 c:2", refused: [] },
  {
    name: "the first Services by name up to limits.services",
    spec: { limits: { services: 2 } },
    changes: three,
    want: "a:2 b:2",
    refused: ["MeshCluster west: OverLimit: 1 Services are past limits.services (2), the last by name"],
  },
  {
    name: "the same whatever the order of arrival",
    spec: { limits: { services: 2 } },
    changes: three.toReversed(),
    want: "a:2 b:2",
    refused: ["MeshCluster west: OverLimit: 1 Services are past limits.services (2), the last by name"],
  },
  {
    name: "endpoints up to limits.endpoints; Services past it stay, without theirs",
    spec: { limits: { endpoints: 3 } },
    changes: three,
    want: "a:2 b:1 c:0",
    refused: ["Service ns/b: OverLimit: 1 endpoints are past limits.endpoints", "Service ns/c: OverLimit: 2 endpoints are past limits.endpoints"],
  },
  {
    name: "the new first by name once one arrives before the others",
    spec: { limits: { services: 2 } },
    changes: [...service("b"), ...service("c"), ...service("a")],
    want: "a:1 b:1",
    refused: ["MeshCluster west: OverLimit: 1 Services are past limits.services (2), the last by name"],
  },
  {
    name: "the next one once one before it is gone",
    spec: { limits: { services: 2 } },
    changes: [...three, departure(aService("ns/a"))],
    want: "b:2 c:2",
    refused: [],
  },
  {
    name: "more endpoints once a Service before has fewer",
    spec: { limits: { endpoints: 3 } },
    changes: [...three, arrival(aSlice("ns/a", []))],
    want: "a:0 b:2 c:1",
    refused: ["Service ns/c: OverLimit: 1 endpoints are past limits.endpoints"],
  },
  { name: "nothing of a namespace that is not there", spec: {}, changes: [...three, departure(aNamespace("ns"))], want: "", refused: [] },
  { name: "namespaces by label", spec: { import: { namespaceSelector: { matchLabels: { team: "a" } } } }, changes: three, want: "a:2 b:2 c:2", refused: [] },
  { name: "nothing of namespaces with other labels", spec: { import: { namespaceSelector: { matchLabels: { team: "b" } } } }, changes: three, want: "", refused: [] },
  {
    name: "namespaces by the name label that the API server adds",
    spec: { import: { namespaceSelector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["ns"] }] } } },
    changes: three,
    want: "a:2 b:2 c:2",
    refused: [],
  },
  { name: "Services by label", spec: { import: { serviceSelector: { matchLabels: { public: "yes" } } } }, changes: labelled, want: "a:1", refused: [] },
  {
    name: "limits of what is wanted only: a Service that is not imported costs nothing",
    spec: { limits: { services: 1 }, import: { serviceSelector: { matchExpressions: [{ key: "public", operator: "NotIn", values: ["yes"] }] } } },
    changes: labelled.slice(0, 4),
    want: "b:1",
    refused: [],
  },
];

describe("a MeshState imports", () => {
  for (const { name, spec, changes, want, refused } of cases)
    it(name, () => {
      const state = given(spec, changes);
      expect(imported(state)).toBe(want);
      expect(refusals(state)).toEqual(refused);
    });

  for (const { name, spec, changes, want, refused } of cases)
    it(`${name} (asked after every change)`, () => {
      const state = given(spec, []);
      for (const change of changes) {
        state.apply("west", [change]);
        imported(state);
      }
      expect(imported(state)).toBe(want);
      expect(refusals(state)).toEqual(refused);
    });

  it("all of the local cluster, whatever its own entry says to others", () => {
    const spec = { limits: { nodes: 1, services: 1, endpoints: 1 }, import: { namespaceSelector: { matchLabels: { team: "b" } } } };
    const state = new MeshState("west");
    state.setClusters([west(spec)]);
    state.apply("west", [arrival(aNamespace("ns")), ...three]);
    expect(imported(state)).toBe("a:2 b:2 c:2");
  });

  it("nothing of a cluster whose source speaks before its MeshCluster is admitted", () => {
    const state = new MeshState("east");
    state.apply("west", three);
    state.setClusters([east, west({})]);
    expect(imported(state)).toBe("");
  });

  it("anew when the selector changes", () => {
    const state = given({}, labelled);
    const touched = state.setClusters([east, west({ import: { serviceSelector: { matchLabels: { public: "no" } } } })]);
    expect(imported(state)).toBe("c:1");
    expect([...touched.services].toSorted()).toEqual(["west/ns/a", "west/ns/b", "west/ns/c"]);
  });
});
