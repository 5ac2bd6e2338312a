import { describe, expect, it } from "vitest";
import { aMeshCluster, aMeshNode } from "../../testing/objects.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import { AdmittedNodes } from "./nodes.ts";

const west = aMeshCluster("west", { pods: ["10.132.0.0/14", "10.8.0.0/16=10.9.0.0/16", "fd00:132::/48"], limits: { nodes: 3 } });

type Specs = Readonly<Record<string, object>>;

const publish = (specs: Specs): Map<string, MeshNode> => new Map(Object.entries(specs).map(([name, spec]) => [name, aMeshNode(name, spec)]));

/** Admits nodes written as `name: spec`, all at once or one by one; with `inForce`, these first, and then those in their place. */
function admit(specs: Specs, inForce: Specs = {}, batch: number = Number.POSITIVE_INFINITY) {
  const [published, nodes] = [publish(inForce), new AdmittedNodes(west)];
  nodes.update(published.keys(), published);
  const names = [...new Set([...Object.keys(specs), ...published.keys()])];
  for (let at = 0; at < names.length; at += batch) {
    const some = names.slice(at, at + batch);
    for (const name of some) published.delete(name);
    for (const [name, node] of publish(specs)) if (some.includes(name)) published.set(name, node);
    nodes.update(some, published);
  }
  return nodes;
}

const placesOf = ({ views }: AdmittedNodes) => Object.fromEntries([...views].map(([name, { subnets, addresses }]) => [name, [...subnets, ...addresses].join(" ")]));

const refusedBy = (nodes: AdmittedNodes): string[] => nodes.refusals().map(({ object, reason, detail }) => `${object}: ${reason}: ${detail}`);

const cases = [
  {
    name: "takes subnets inside the pins and the node's address in each family",
    nodes: { a: { subnets: ["10.132.2.0/23", "fd00:132:0:2::/64"], addresses: ["10.132.2.1", "fd00:132:0:2::1"] } },
    want: { a: "10.132.2.0/23 fd00:132:0:2::/64 10.132.2.1 fd00:132:0:2::1" },
    refused: [],
  },
  {
    name: "moves subnets and addresses to where we reach them",
    nodes: { a: { subnets: ["10.8.2.0/23"], addresses: ["10.8.2.1"] } },
    want: { a: "10.9.2.0/23 10.9.2.1" },
    refused: [],
  },
  {
    name: "refuses a subnet outside the pins, one around them, and addresses that have lost theirs",
    nodes: { a: { subnets: ["192.0.2.0/24", "10.128.0.0/9", "10.132.0.0/24"], addresses: ["192.0.2.1"] } },
    want: { a: "10.132.0.0/24" },
    refused: [
      "MeshNode a: OutsidePins: subnet 192.0.2.0/24 is in no podCIDR of west",
      "MeshNode a: OutsidePins: subnet 10.128.0.0/9 is in no podCIDR of west",
      "MeshNode a: OutsidePins: address 192.0.2.1 is in none of the node's admitted subnets",
    ],
  },
  {
    name: "refuses the target of a mapping: the owner does not know it",
    nodes: { a: { subnets: ["10.9.2.0/23"] } },
    want: { a: "" },
    refused: ["MeshNode a: OutsidePins: subnet 10.9.2.0/23 is in no podCIDR of west"],
  },
  {
    name: "gives an equal subnet to the first by name at a cold start",
    nodes: { b: { subnets: ["10.132.0.0/24"] }, a: { subnets: ["10.132.0.0/24"] } },
    want: { a: "10.132.0.0/24", b: "" },
    refused: ["MeshNode b: Overlap: subnet 10.132.0.0/24 is held by node a"],
  },
  {
    name: "leaves an equal subnet with the node in force",
    nodes: { b: { subnets: ["10.132.0.0/24"] }, a: { subnets: ["10.132.0.0/24"] } },
    inForce: { b: { subnets: ["10.132.0.0/24"] } },
    want: { a: "", b: "10.132.0.0/24" },
    refused: ["MeshNode a: Overlap: subnet 10.132.0.0/24 is held by node b"],
  },
  {
    name: "leaves an equal subnet that is mapped with the node in force too",
    nodes: { b: { subnets: ["10.8.0.0/24"] }, a: { subnets: ["10.8.0.0/24"] } },
    inForce: { b: { subnets: ["10.8.0.0/24"] } },
    want: { a: "", b: "10.9.0.0/24" },
    refused: ["MeshNode a: Overlap: subnet 10.8.0.0/24 is held by node b"],
  },
  {
    name: "lets another node have a subnet that its holder gave up",
    nodes: { b: { subnets: ["10.132.1.0/24"] }, a: { subnets: ["10.132.0.0/24"] } },
    inForce: { b: { subnets: ["10.132.0.0/24"] } },
    want: { a: "10.132.0.0/24", b: "10.132.1.0/24" },
    refused: [],
  },
  {
    name: "allows nested subnets of two nodes",
    nodes: { a: { subnets: ["10.132.0.0/16"], addresses: ["10.132.0.1"] }, b: { subnets: ["10.132.5.0/24"], addresses: ["10.132.5.1"] } },
    want: { a: "10.132.0.0/16 10.132.0.1", b: "10.132.5.0/24 10.132.5.1" },
    refused: [],
  },
  {
    name: "refuses an address that a nested subnet leads to another node",
    nodes: { a: { subnets: ["10.132.0.0/16"], addresses: ["10.132.5.1"] }, b: { subnets: ["10.132.5.0/24"] } },
    want: { a: "10.132.0.0/16", b: "10.132.5.0/24" },
    refused: ["MeshNode a: Overlap: address 10.132.5.1 is behind node b"],
  },
  {
    name: "takes the first good address of a family, also behind a bad one",
    nodes: { a: { subnets: ["10.132.0.0/24"], addresses: ["192.0.2.1", "10.132.0.1", "10.132.0.2"] } },
    want: { a: "10.132.0.0/24 10.132.0.1" },
    refused: ["MeshNode a: OutsidePins: address 192.0.2.1 is in none of the node's admitted subnets"],
  },
  {
    name: "takes a subnet once that is published twice",
    nodes: { a: { subnets: ["10.132.0.0/24", "10.132.0.0/24"] } },
    want: { a: "10.132.0.0/24" },
    refused: [],
  },
  {
    name: "refuses the last nodes by name past the limit, and gives them no subnet",
    nodes: { d: { subnets: ["10.132.0.0/24"] }, c: { subnets: ["10.132.0.0/24"] }, b: {}, a: {} },
    want: { a: "", b: "", c: "10.132.0.0/24" },
    refused: ["MeshNode d: OverLimit: limits.nodes is 3"],
  },
];

describe("AdmittedNodes", () => {
  for (const { name, nodes, inForce = {}, want, refused } of cases)
    it(name, () => {
      const admitted = admit(nodes, inForce);
      expect(placesOf(admitted)).toEqual(want);
      expect(refusedBy(admitted)).toEqual(refused);
      expect(placesOf(admit(Object.fromEntries(Object.entries(nodes).toReversed()), inForce))).toEqual(want);
    });

  it("lets a node that gives up a subnet and takes it again in one batch keep it, and one that comes back later not", () => {
    const both = { a: { subnets: ["10.132.0.0/24"] }, b: { subnets: ["10.132.0.0/24"] } };
    expect(placesOf(admit(both, { b: both.b }))).toEqual({ a: "", b: "10.132.0.0/24" });
    expect(placesOf(admit(both, { b: {} }, 1))).toEqual({ a: "10.132.0.0/24", b: "" });
  });

  it("tells which views changed, and behind which subnets another node is", () => {
    const [published, nodes] = [publish({ a: { subnets: ["10.132.0.0/24"] }, b: { subnets: ["10.132.1.0/24"] } }), new AdmittedNodes(west)];
    nodes.update(published.keys(), published);
    published.set("a", aMeshNode("a", { subnets: ["10.132.0.0/24", "10.132.1.0/24"], mtu: 1380 }));
    published.delete("b");
    const { nodes: changed, subnets } = nodes.update(["a", "b"], published);
    expect(changed.map(({ name, before, after }) => `${name}: ${before?.subnets.join()} > ${after?.subnets.join()}`).toSorted()).toEqual([
      "a: 10.132.0.0/24 > 10.132.0.0/24,10.132.1.0/24",
      "b: 10.132.1.0/24 > undefined",
    ]);
    expect([...subnets]).toEqual(["10.132.1.0/24"]);
  });

  it("keeps what else a node publishes", () => {
    const nodes = admit({ a: { nodeIPs: ["192.0.2.1", "192.0.2.1"], gateway: "b", mtu: 1380 } });
    expect(nodes.views.get("a")).toEqual({
      cluster: "west",
      name: "a",
      subnets: [],
      addresses: [],
      nodeIPs: ["192.0.2.1"],
      tunnels: [],
      gateway: "b",
      mtu: 1380,
    });
  });
});
