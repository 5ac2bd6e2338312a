import { describe, expect, it } from "vitest";
import { aMeshCluster, aMeshNode } from "../../testing/objects.ts";
import { admitNodes } from "./nodes.ts";
import type { NodeView } from "./view.ts";

const west = aMeshCluster("west", { pods: ["10.132.0.0/14", "10.8.0.0/16=10.9.0.0/16", "fd00:132::/48"], limits: { nodes: 3 } });

/** Admits nodes written as `name: spec`; tells their subnets and addresses, and what was refused. */
function admit(nodes: Readonly<Record<string, object>>, inForce: ReadonlyMap<string, NodeView> = new Map()) {
  const published = Object.entries(nodes).map(([name, spec]) => aMeshNode(name, spec));
  const { admitted, refusals } = admitNodes(west, published, { inForce });
  return {
    nodes: Object.fromEntries([...admitted].map(([name, { subnets, addresses }]) => [name, [...subnets, ...addresses].join(" ")])),
    refused: refusals.map(({ object, reason, detail }) => `${object}: ${reason}: ${detail}`),
  };
}

/** What is in force after these nodes were admitted at a cold start. */
const after = (nodes: Readonly<Record<string, object>>) =>
  admitNodes(west, Object.entries(nodes).map(([name, spec]) => aMeshNode(name, spec)), { inForce: new Map() }).admitted;

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

describe("admitNodes()", () => {
  for (const { name, nodes, inForce = {}, want, refused } of cases)
    it(name, () => {
      expect(admit(nodes, after(inForce))).toEqual({ nodes: want, refused });
      const reversed = Object.fromEntries(Object.entries(nodes).toReversed());
      expect(admit(reversed, after(inForce)).nodes).toEqual(want);
    });

  it("keeps what else a node publishes", () => {
    const node = aMeshNode("a", { nodeIPs: ["192.0.2.1", "192.0.2.1"], gateway: "b", mtu: 1380 });
    expect(admitNodes(west, [node], { inForce: new Map() }).admitted.get("a")).toEqual({
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
