import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "vitest";
import { planLab } from "../topology/addresses.ts";
import { usualShape } from "../topology/shape.ts";
import { nodeFlows, peerFlows, podFlows, podMac } from "./flows.ts";

const trueFlows = readFileSync(new URL("../../../packages/common/fixtures/openshift-sdn/flows-a1-networkpolicy.txt", import.meta.url), "utf8");
const [east, west] = planLab(usualShape());
assert(east && west);

describe("nodeFlows()", () => {
  it("takes the true table of a node without its pods and its peers", () => {
    const flows = nodeFlows(trueFlows, east, east.nodes[0]!);
    const lines = trueFlows.trimEnd().split("\n");
    const kept = flows.filter((line) => lines.includes(line));
    assert.deepEqual([lines.length, kept.length], [74, 57]);
    assert.deepEqual(flows.filter((line) => !lines.includes(line)), ["table=90, priority=0 actions=output:tun0", "table=80, priority=50,reg1=0x3ea actions=output:NXM_NX_REG2[]"]);
    assert.equal(flows.filter((line) => line.includes("table=253")).length, 1);
  });

  it("changes only the policy on the kernel datapath, where VXLAN leads to other nodes", () => {
    const lines = trueFlows.trimEnd().split("\n");
    const flows = nodeFlows(trueFlows, { ...east, datapath: "kernel" }, east.nodes[0]!);
    assert.deepEqual(flows.filter((line) => !lines.includes(line)), ["table=80, priority=50,reg1=0x3ea actions=output:NXM_NX_REG2[]"]);
    assert.ok(flows.includes("table=90, priority=0 actions=drop"));
  });

  it("gives each node its own addresses, and no others", () => {
    const flows = nodeFlows(trueFlows, west, west.nodes[1]!).filter((line) => !line.includes("note:")).join("\n");
    const addresses = new Set(flows.match(/\b\d+\.\d+\.\d+\.\d+(?:\/\d+)?/g));
    assert.deepEqual([...addresses].toSorted(), ["10.132.0.0/14", "10.132.2.0/23", "10.132.2.1", "172.30.0.0/16", "192.0.2.140", "224.0.0.0/4"]);
  });
});

describe("peerFlows()", () => {
  it("takes the three flows of the other true node, with this one's address and pods", () =>
    assert.deepEqual(
      peerFlows(trueFlows, west.nodes[1]!).map((line) => line.replace(/^cookie=\w+, /, "")),
      [
        "table=10, priority=100,tun_src=192.0.2.140 actions=goto_table:30",
        "table=50, priority=100,arp,arp_tpa=10.132.2.0/23 actions=move:NXM_NX_REG0[]->NXM_NX_TUN_ID[0..31],set_field:192.0.2.140->tun_dst,output:vxlan0",
        "table=90, priority=100,ip,nw_dst=10.132.2.0/23 actions=move:NXM_NX_REG0[]->NXM_NX_TUN_ID[0..31],set_field:192.0.2.140->tun_dst,output:vxlan0",
      ],
    ));
});

describe("podFlows()", () => {
  const pod = west.pods.find(({ name }) => name === "client")!;

  it("takes the flows of a true pod, with this one's address, port and MAC, and adds three for IPv6", () => {
    const flows = podFlows(trueFlows, pod);
    assert.equal(flows.length, 8);
    assert.equal(podMac(pod), "0a:58:0a:84:00:0c");
    assert.ok(flows.includes("table=20, priority=100,arp,in_port=pod12,arp_spa=10.132.0.12,arp_sha=00:00:0a:84:00:0c/00:00:ff:ff:ff:ff actions=load:0x3e9->NXM_NX_REG0[],goto_table:30"));
    assert.ok(flows.includes("table=70, priority=100,ip,nw_dst=10.132.0.12 actions=load:0x3e9->NXM_NX_REG1[],load:12->NXM_NX_REG2[],goto_table:80"));
    assert.deepEqual(flows.filter((line) => /va1p|10\.128\.0\.5/.test(line)), []);
  });

  it("puts pods of other namespaces into another project", () => {
    const dns = podFlows(trueFlows, west.pods.find(({ name }) => name === "dns")!).join("\n");
    assert.ok(dns.includes("0x3ea") && !dns.includes("0x3e9"));
  });
});
