import { containsAddress, containsPrefix, overlaps } from "@sdn-tunnel/common/net/overlap";
import { rangeOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LabError } from "../errors.ts";
import { OUTSIDE, planLab, planPod } from "./addresses.ts";
import type { ClusterPlan } from "./addresses.ts";
import { both } from "./dual.ts";
import { planLayout } from "./plan.ts";
import { usualShape, usualCluster } from "./shape.ts";
import type { ClusterShape, LabShape } from "./shape.ts";

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/).filter((name) => !["lo", "outside", "local"].includes(name));
const clusterShape = fc
  .record({ name: label, nodes: fc.integer({ min: 1, max: 5 }), pods: fc.uniqueArray(label, { maxLength: 6 }), seed: fc.nat() })
  .map(({ name, nodes, pods, seed }): ClusterShape => ({
    name,
    nodes,
    pods: pods.map((pod, i) => ({ name: pod, namespace: "n", node: 1 + ((seed + i) % nodes), hostNetwork: (seed + i) % 4 === 0 })),
  }));
const anyShape: fc.Arbitrary<LabShape> = fc
  .uniqueArray(clusterShape, { minLength: 1, maxLength: 15, selector: ({ name }) => name })
  .map((clusters) => ({ clusters }));

const prefixesOf = (cluster: ClusterPlan): Prefix[] =>
  [cluster.nodeNetwork, cluster.podCIDRs, cluster.mappedServiceCIDRs].flatMap((pair) => both(pair));
const holds = (check: (shape: LabShape) => void) => fc.assert(fc.property(anyShape, check), { numRuns: 60 });
const isDistinct = (values: readonly string[]): boolean => new Set(values).size === values.length;

describe("planLab()", () => {
  it("gives the usual shape the addresses that the documents name", () => {
    const [east, west] = planLab(usualShape()) as [ClusterPlan, ClusterPlan];
    expect([...both(east.nodeNetwork), ...both(west.nodeNetwork)]).toEqual(["192.0.2.0/25", "2001:db8:1::/64", "192.0.2.128/25", "2001:db8:2::/64"]);
    expect([...both(east.podCIDRs), ...both(west.podCIDRs)]).toEqual(["10.128.0.0/14", "fd00:128::/48", "10.132.0.0/14", "fd00:132::/48"]);
    expect(east.nodes[1]).toEqual({
      name: "east-2",
      nodeIPs: { v4: "192.0.2.12", v6: "2001:db8:1::12" },
      subnets: { v4: "10.128.2.0/23", v6: "fd00:128:0:1::/64" },
      addresses: { v4: "10.128.2.1", v6: "fd00:128:0:1::1" },
      mac: "02:00:00:01:02:01",
    });
    expect(both(west.mappedServiceCIDRs)).toEqual(["172.31.0.0/16", "fd00:31::/112"]);
  });

  it("gives all clusters one service prefix, and every other prefix to one cluster alone", () =>
    holds((shape) => {
      const clusters = planLab(shape);
      const services = both(clusters[0]!.serviceCIDRs);
      expect(clusters.every(({ serviceCIDRs }) => both(serviceCIDRs).join() === services.join())).toBe(true);
      const all = [...clusters.flatMap(prefixesOf), ...services, ...both(OUTSIDE.network)];
      all.forEach((prefix, i) => expect(all.slice(0, i).filter((other) => overlaps(other, prefix))).toEqual([]));
    }));

  it("maps service prefixes to prefixes of the same length", () =>
    holds((shape) => {
      for (const { serviceCIDRs, mappedServiceCIDRs } of planLab(shape))
        expect(both(mappedServiceCIDRs).map((prefix) => rangeOf(prefix).length)).toEqual(both(serviceCIDRs).map((prefix) => rangeOf(prefix).length));
    }));

  it("gives each address once, inside the prefix that it belongs to", () =>
    holds((shape) => {
      for (const cluster of planLab(shape)) {
        const pods = cluster.pods.filter(({ hostNetwork }) => !hostNetwork);
        const ends = [cluster.router, cluster.upstream, ...cluster.nodes.map(({ nodeIPs }) => nodeIPs)];
        const inside = [...cluster.nodes, ...pods].map(({ addresses }) => addresses);
        expect(isDistinct([...ends, ...inside].flatMap((pair) => both(pair)))).toBe(true);
        for (const { v4, v6 } of ends) expect(containsAddress(cluster.nodeNetwork.v4, v4) && containsAddress(cluster.nodeNetwork.v6, v6)).toBe(true);
        for (const { v4, v6 } of inside) expect(containsAddress(cluster.podCIDRs.v4, v4) && containsAddress(cluster.podCIDRs.v6, v6)).toBe(true);
        for (const pod of pods) expect(containsAddress(cluster.nodes.find(({ name }) => name === pod.node)!.subnets.v6, pod.addresses.v6)).toBe(true);
      }
    }));

  it("cuts the nodes' subnets out of the cluster's, without overlap", () =>
    holds((shape) => {
      for (const { nodes, podCIDRs } of planLab(shape)) {
        const subnets = nodes.flatMap((node) => both(node.subnets));
        expect(subnets.every((subnet) => both(podCIDRs).some((prefix) => containsPrefix(prefix, subnet)))).toBe(true);
        expect(isDistinct(subnets)).toBe(true);
      }
    }));

  it("gives pods of the host network their node's addresses", () => {
    const east = planLab(usualShape())[0]!;
    expect(east.pods.find(({ name }) => name === "httpd-host")).toMatchObject({ addresses: east.nodes[1]!.nodeIPs, port: "", dnsPolicy: "Default" });
  });

  it("gives a new pod the first host number that is free", () => {
    const [node, pods] = [planLab(usualShape())[0]!.nodes[0]!, planLab(usualShape())[0]!.pods];
    const shape = { name: "new", namespace: "n", node: 1 };
    expect(planPod(shape, node, pods).addresses).toEqual({ v4: "10.128.0.13", v6: "fd00:128::13" });
    expect(planPod(shape, node, pods.filter(({ name }) => name !== "httpd-1")).addresses.v4).toBe("10.128.0.11");
  });
});

const east = usualCluster("east");
const refusals: { name: string; clusters: ClusterShape[]; says: RegExp }[] = [
  { name: "no cluster", clusters: [], says: /0 clusters; accepted are 1 to 15/ },
  { name: "equal clusters", clusters: [east, east], says: /cluster "east" is there twice/ },
  { name: "a name too long for a device", clusters: [usualCluster("east-of-eden")], says: /"east-of-eden" must be .* at most 10/ },
  { name: "a name that the router has already", clusters: [usualCluster("outside")], says: /"outside" is taken/ },
  { name: "no node", clusters: [{ ...east, nodes: 0 }], says: /east has 0 nodes; accepted are 1 to 64/ },
  { name: "a pod on a node that is not there", clusters: [{ ...east, nodes: 1 }], says: /pod east\/httpd-2 is on node 2; there are 1 to 1/ },
  { name: "equal pods", clusters: [{ ...east, pods: [east.pods[0]!, east.pods[0]!] }], says: /pod of cluster east "httpd-1" is there twice/ },
];

describe("checkShape()", () => {
  for (const { name, clusters, says } of refusals)
    it(`refuses ${name}`, () => {
      expect(() => planLab({ clusters })).toThrow(LabError);
      expect(() => planLab({ clusters })).toThrow(says);
    });
});

describe("planLayout()", () => {
  it("cables each device once, between machines that are there, under names that the kernel takes", () =>
    holds((shape) => {
      const { machines, cables, setups } = planLayout(planLab(shape));
      const names = machines.map(({ name }) => name);
      expect(isDistinct(names)).toBe(true);
      const ends = cables.flatMap((cable) => cable.ends);
      expect(ends.filter(({ machine }) => !names.includes(machine))).toEqual([]);
      expect(isDistinct(ends.map(({ machine, device }) => `${machine} ${device}`))).toBe(true);
      expect(ends.filter(({ device }) => device.length > 15)).toEqual([]);
      expect(isDistinct(setups.map(({ machine }) => machine))).toBe(true);
      expect(setups.filter(({ machine }) => !names.includes(machine))).toEqual([]);
    }));

  it("tells the router nothing but its own networks", () =>
    holds((shape) => {
      const router = planLayout(planLab(shape)).setups.find(({ machine }) => machine === "router")!;
      expect(router.ip.filter((line) => line.startsWith("route"))).toEqual([]);
      expect(router.nft).toBeUndefined();
    }));

  it("routes each node to the pods of every other node of its cluster, and of no other", () =>
    holds((shape) => {
      const clusters = planLab(shape);
      const { setups } = planLayout(clusters);
      for (const { nodes } of clusters)
        for (const node of nodes) {
          const lines = setups.find(({ machine }) => machine === node.name)!.ip.filter((line) => line.startsWith("route replace"));
          const wanted = nodes.filter((peer) => peer !== node).flatMap((peer) => both(peer.subnets));
          expect(lines.map((line) => line.split(" ")[2]).toSorted()).toEqual([...wanted].toSorted());
        }
    }));

  it("leads IPv4 between nodes over tun0 and VXLAN on Open vSwitch's kernel datapath, and masks no pod that asks an own Service", () => {
    const [cluster] = planLab({ clusters: [{ ...usualCluster("east"), sdn: "openshift" }] }, "kernel");
    const { ip, nft, commands } = planLayout([cluster!]).setups.find(({ machine }) => machine === "east-1")!;
    expect(ip.filter((line) => line.startsWith("route replace"))).toEqual(["route replace fd00:128:0:1::/64 via 2001:db8:1::12 dev eth0 onlink"]);
    expect(commands!.filter((line) => line.startsWith("route "))).toEqual(["route add 10.128.0.0/14 dev tun0 src 10.128.0.1", "route add 172.30.0.0/16 dev tun0 src 10.128.0.1"]);
    expect(commands!.filter((line) => line.includes("tun_src=")).map((line) => line.match(/tun_src=\S+/)![0])).toEqual(["tun_src=192.0.2.12"]);
    expect(nft).not.toContain("ct original");
  });

  it("masquerades in both directions and in both families", () => {
    const node = planLayout(planLab(usualShape())).setups.find(({ machine }) => machine === "west-1")!;
    expect(node.nft!.split("\n").map((line) => line.trim())).toEqual([
      "table inet lab_cni {",
      "chain postrouting {",
      "type nat hook postrouting priority srcnat; policy accept;",
      "ip saddr 10.132.0.0/14 ip daddr != 10.132.0.0/14 masquerade",
      "ip saddr != 10.132.0.0/14 ip daddr 10.132.0.0/14 masquerade",
      "ip6 saddr fd00:132::/48 ip6 daddr != fd00:132::/48 masquerade",
      "ip6 saddr != fd00:132::/48 ip6 daddr fd00:132::/48 masquerade",
      "}",
      "}",
    ]);
  });
});
