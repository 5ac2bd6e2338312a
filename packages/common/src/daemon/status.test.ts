import { describe, expect, it } from "vitest";
import type { Refusal } from "../admit/refusal.ts";
import type { SourceHealth } from "../sources/source.ts";
import { conditionsOf } from "./status.ts";

const refusal = (object: string, reason: Refusal["reason"], detail: string, cluster = "west"): Refusal => ({ cluster, object, reason, detail });

const problem = (origin: string, document: number, ...problems: { path: string; message: string }[]) => ({ origin, document, problems });

const show = (refusals: readonly Refusal[], health: Readonly<Record<string, SourceHealth>>): string[] =>
  conditionsOf(refusals, new Map(Object.entries(health))).map(({ object, type, message }) => `${object}: ${type}: ${message}`);

const cases: { name: string; refusals?: readonly Refusal[]; health?: Readonly<Record<string, SourceHealth>>; want: string[] }[] = [
  { name: "nothing when all is well", health: { west: { problems: [] } }, want: [] },
  {
    name: "a refusal with its object",
    refusals: [refusal("MeshNode node-1", "OutsidePins", "subnet 192.0.2.0/24 is in no podCIDR of west")],
    want: ["MeshCluster west: OutsidePins: MeshNode node-1: subnet 192.0.2.0/24 is in no podCIDR of west"],
  },
  {
    name: "many of one reason as one, with an example",
    refusals: [refusal("Service a/a", "OutsidePins", "first"), refusal("Service a/b", "OutsidePins", "second"), refusal("Service a/c", "OutsidePins", "third")],
    want: ["MeshCluster west: OutsidePins: Service a/a: first; and 2 more"],
  },
  {
    name: "reasons and clusters apart",
    refusals: [refusal("x", "Overlap", "1"), refusal("x", "OverLimit", "2"), refusal("x", "Overlap", "3", "north")],
    want: ["MeshCluster west: Overlap: x: 1", "MeshCluster west: OverLimit: x: 2", "MeshCluster north: Overlap: x: 3"],
  },
  {
    name: "since when a source is silent",
    health: { west: { staleSince: Date.UTC(2026, 0, 2, 3, 4, 5), problems: [] } },
    want: ["MeshCluster west: SourceStale: nothing heard since 2026-01-02T03:04:05.000Z; the last state is kept"],
  },
  {
    name: "every document that is wrong, with all that is wrong in it",
    health: {
      west: {
        problems: [
          problem("/mesh/a.yaml", 2, { path: "spec.mtu", message: "must be at least 1280" }, { path: "", message: "and more" }),
          problem("/mesh/b.yaml", 0, { path: "", message: "is empty" }),
        ],
      },
    },
    want: [
      "MeshCluster west: InvalidObject: /mesh/a.yaml, document 2: spec.mtu: must be at least 1280; and more",
      "MeshCluster west: InvalidObject: /mesh/b.yaml: is empty",
    ],
  },
];

describe("conditionsOf() tells", () => {
  for (const { name, refusals = [], health = {}, want } of cases) it(name, () => expect(show(refusals, health)).toEqual(want));
});
