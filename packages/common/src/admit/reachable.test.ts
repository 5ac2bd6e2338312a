import { describe, expect, it } from "vitest";
import { aMeshCluster, aMeshNode } from "../../testing/objects.ts";
import { parseAddress } from "../net/address.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import { AdmittedNodes } from "./nodes.ts";
import { ReachMap } from "./reachable.ts";

const west = aMeshCluster("west", { pods: ["10.132.0.0/14", "10.8.0.0/16=10.9.0.0/16", "fd00:132::/48"] });

const published = [
  aMeshNode("node-1", {
    subnets: ["10.132.0.0/16", "fd00:132:0:1::/64"],
    addresses: ["10.132.0.1", "fd00:132:0:1::1"],
    nodeIPs: ["192.0.2.21", "2001:db8::21"],
  }),
  aMeshNode("node-2", { subnets: ["10.132.5.0/24", "10.8.2.0/24"], addresses: ["10.132.5.1"], nodeIPs: ["192.0.2.22", "2001:db8::22", "192.0.2.21"] }),
];

/** A map of these nodes, and the means to change them. */
function mapOf(nodes: readonly MeshNode[]) {
  const [admitted, current] = [new AdmittedNodes(west), new Map(nodes.map((node) => [node.name, node]))];
  admitted.update(current.keys(), current);
  const set = (name: string, spec: object | undefined) => {
    if (spec) current.set(name, aMeshNode(name, spec));
    else current.delete(name);
    return admitted.update([name], current);
  };
  return { map: new ReachMap<string>(west, admitted), set };
}

const reach = mapOf(published).map.askedBy("somebody");

const cases = [
  { name: "a pod, behind the node that its slice names", address: "10.132.7.7", nodeName: "node-2", want: "10.132.7.7 node-2" },
  { name: "a pod without a node name, behind the node of its subnet", address: "10.132.7.7", want: "10.132.7.7 node-1" },
  { name: "a pod of a node that is not in the mesh, behind the node of its subnet", address: "10.132.7.7", nodeName: "node-9", want: "10.132.7.7 node-1" },
  { name: "a pod in a nested subnet, behind the node of the longer prefix", address: "10.132.5.7", want: "10.132.5.7 node-2" },
  { name: "a pod in no node's subnet, behind no node", address: "10.133.0.7", want: "10.133.0.7 -" },
  { name: "a pod whose prefix is mapped, where we reach it", address: "10.8.2.7", want: "10.9.2.7 node-2" },
  { name: "an IPv6 pod", address: "fd00:132:0:1::7", want: "fd00:132:0:1::7 node-1" },
  { name: "a node IP, as the node's own address in the mesh", address: "192.0.2.22", nodeName: "node-2", want: "10.132.5.1 node-2" },
  { name: "an IPv6 node IP, as the node's IPv6 address", address: "2001:db8::21", want: "fd00:132:0:1::1 node-1" },
  { name: "a node IP that two nodes claim, as the first by name", address: "192.0.2.21", nodeName: "node-2", want: "10.132.0.1 node-1" },
  { name: "a node IP of a family in which its node has no address: not at all", address: "2001:db8::22", want: undefined },
  { name: "an address outside the pins: not at all", address: "198.51.100.1", nodeName: "node-1", want: undefined },
  { name: "the target of a mapping, which its owner does not know: not at all", address: "10.9.2.7", want: undefined },
];

describe("ReachMap reaches", () => {
  for (const { name, address, nodeName, want } of cases)
    it(name, () => {
      const reached = reach(parseAddress(address), nodeName);
      expect(reached && `${reached.address} ${reached.node ?? "-"}`).toBe(want);
    });
});

const host = { addresses: ["10.132.0.1"], nodeIPs: ["192.0.2.21"] };
const node1 = { subnets: ["10.132.0.0/16"], ...host };

/** Who asked what, as `address node`. */
const asked = { pod: "10.132.7.7", named: "10.132.7.8 node-1", stranger: "10.132.7.9 node-9", hosted: "192.0.2.21", foreign: "10.133.0.7" };

const changes = [
  { name: "nobody when a node changes its MTU", set: ["node-1", { ...node1, mtu: 1380 }], want: [] },
  { name: "who asked for addresses in a subnet that is nobody's now, unless the node was named", set: ["node-1", host], want: ["hosted", "pod", "stranger"] },
  { name: "who asked for a node that is gone, its subnet or its IPs", set: ["node-1", undefined], want: ["hosted", "named", "pod", "stranger"] },
  { name: "who asked for a node IP whose node has another address", set: ["node-1", { ...node1, addresses: ["10.132.0.2"] }], want: ["hosted"] },
  { name: "who asked for a node IP that nobody has any more", set: ["node-1", { ...node1, nodeIPs: [] }], want: ["hosted"] },
  { name: "who named a node that was not in the mesh", set: ["node-9", {}], want: ["stranger"] },
  { name: "who asked for addresses in a new subnet", set: ["node-2", { subnets: ["10.133.0.0/24"] }], want: ["foreign"] },
  { name: "who asked for addresses in a new subnet inside another", set: ["node-2", { subnets: ["10.132.7.0/29"] }], want: ["pod"] },
] as const;

describe("ReachMap lets ask again", () => {
  for (const { name, set, want } of changes)
    it(name, () => {
      const mesh = mapOf([aMeshNode("node-1", node1)]);
      for (const [asker, words] of Object.entries(asked)) {
        const [address = "", nodeName] = words.split(" ");
        mesh.map.askedBy(asker)(parseAddress(address), nodeName);
      }
      expect([...mesh.map.concernedBy(mesh.set(set[0], set[1]))].toSorted()).toEqual(want);
    });

  it("nobody who was forgotten", () => {
    const mesh = mapOf([aMeshNode("node-1", node1)]);
    for (const address of ["10.132.7.7", "192.0.2.21"]) mesh.map.askedBy("a")(parseAddress(address), undefined);
    mesh.map.forget("a");
    expect(mesh.map.concernedBy(mesh.set("node-1", undefined)).size).toBe(0);
  });
});
