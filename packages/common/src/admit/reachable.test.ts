import { describe, expect, it } from "vitest";
import { aMeshCluster, aMeshNode } from "../../testing/objects.ts";
import { parseAddress } from "../net/address.ts";
import { admitNodes } from "./nodes.ts";
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
const reach = new ReachMap(west, admitNodes(west, published, { inForce: new Map() }).admitted);

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
      const reached = reach.reach(parseAddress(address), nodeName);
      expect(reached && `${reached.address} ${reached.node ?? "-"}`).toBe(want);
    });
});
