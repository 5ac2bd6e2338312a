import { describe, expect, it } from "vitest";
import { aMeshCluster } from "../../testing/objects.ts";
import type { ClusterSpec } from "../../testing/objects.ts";
import { parseAddress } from "../net/address.ts";
import { parsePrefix } from "../net/prefix.ts";
import { refuseCutOffs } from "./lifeline.ts";
import type { NodeNeeds } from "./lifeline.ts";

const prefix = (text: string, what: string) => ({ prefix: parsePrefix(text), what });
const address = (text: string, what: string) => ({ address: parseAddress(text), what });
const needs = (prefixes: NodeNeeds["prefixes"], addresses: NodeNeeds["addresses"] = []): NodeNeeds => ({ prefixes, addresses });

const pods = ["10.2.0.0/16", "fd00:2::/48"];
const services = ["198.51.0.0/16", "10.96.0.0/16=10.97.0.0/16"];

const cases = [
  { name: "a node that needs nothing", needs: needs([]), detail: undefined },
  { name: "a connected subnet elsewhere", needs: needs([prefix("192.0.2.0/24", "eth0")]), detail: undefined },
  {
    name: "a connected subnet inside a service prefix",
    needs: needs([prefix("198.51.100.0/24", "eth1")]),
    detail: "198.51.0.0/16 overlaps 198.51.100.0/24, which this node needs (eth1)",
  },
  {
    name: "a static route around a pod prefix",
    needs: needs([prefix("10.0.0.0/8", "via 192.0.2.1")]),
    detail: "10.2.0.0/16 overlaps 10.0.0.0/8, which this node needs (via 192.0.2.1)",
  },
  {
    name: "an IPv6 subnet inside a pod prefix",
    needs: needs([prefix("fd00:2:0:5::/64", "eth1")]),
    detail: "fd00:2::/48 overlaps fd00:2:0:5::/64, which this node needs (eth1)",
  },
  { name: "the default routes", needs: needs([prefix("0.0.0.0/0", "via 192.0.2.1"), prefix("::/0", "via fe80::1")]), detail: undefined },
  {
    name: "a default route in two halves",
    needs: needs([prefix("0.0.0.0/1", "tun0"), prefix("128.0.0.0/1", "tun0"), prefix("::/1", "tun0"), prefix("8000::/1", "tun0")]),
    detail: undefined,
  },
  {
    name: "a host route",
    needs: needs([prefix("10.97.0.10/32", "via 192.0.2.9")]),
    detail: "10.97.0.0/16 overlaps 10.97.0.10/32, which this node needs (via 192.0.2.9)",
  },
  {
    name: "a resolver inside a mapped service prefix",
    needs: needs([], [address("10.97.0.10", "resolver")]),
    detail: "10.97.0.0/16 holds 10.97.0.10, which this node needs (resolver)",
  },
  { name: "an address in the prefix that only the owner uses", needs: needs([], [address("10.96.0.10", "resolver")]), detail: undefined },
  {
    name: "an IPv6 endpoint inside a pod prefix",
    needs: needs([], [address("fd00:2::7", "WireGuard endpoint")]),
    detail: "fd00:2::/48 holds fd00:2::7, which this node needs (WireGuard endpoint)",
  },
];

describe("refuseCutOffs() judges", () => {
  for (const { name, needs: needed, detail } of cases)
    it(name, () => {
      const west = { name: "west", local: false, synced: true, config: aMeshCluster("west", { pods, services }) };
      const refusal = { cluster: "west", object: "MeshCluster west", reason: "WouldCutOff", detail };
      expect(refuseCutOffs([west], needed)).toEqual(detail === undefined ? [] : [refusal]);
    });

  it("every remote cluster by itself, once, and never the local one", () => {
    const view = (name: string, local: boolean, spec: ClusterSpec) => ({ name, local, synced: false, config: aMeshCluster(name, spec) });
    const clusters = [
      view("east", true, { pods: ["10.1.0.0/16"] }),
      view("west", false, { pods: ["10.2.0.0/16", "10.3.0.0/16"] }),
      view("north", false, { pods: ["10.4.0.0/16"] }),
    ];
    const needed = needs(["10.1.5.0/24", "10.2.5.0/24", "10.3.5.0/24"].map((text) => prefix(text, "eth0")));
    expect(refuseCutOffs(clusters, needed).map(({ cluster }) => cluster)).toEqual(["west"]);
  });
});
