import assert from "node:assert/strict";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { describe, it } from "vitest";
import type { PublicKey } from "../keys/key.ts";
import { ownFacts } from "./facts.ts";
import type { NodeFindings, NodeFlags } from "./facts.ts";

const addresses = (...texts: string[]) => texts.map((text) => parseAddress(text));
const prefixes = (...texts: string[]) => texts.map((text) => parsePrefix(text));
const flags = (changes: Partial<NodeFlags> = {}): NodeFlags => ({
  nodeName: "west-1",
  nodeIPs: [],
  subnets: [],
  addresses: [],
  endpoint: undefined,
  listenPort: 5555,
  ...changes,
});
const findings = (changes: Partial<NodeFindings> = {}): NodeFindings => ({
  object: { kind: "Node", name: "west-1", podCIDRs: prefixes("10.132.2.0/23", "fd00:132:2::/64"), internalIPs: addresses("192.0.2.21", "2001:db8::21") },
  hostAddresses: addresses("10.132.2.1", "192.0.2.21", "10.132.2.9", "fd00:132:2::1").map((address) => ({ address, device: "cni0" })),
  publicKey: "key" as PublicKey,
  pins: prefixes("10.132.0.0/14", "fd00:132::/32"),
  mtu: 1420,
  ...changes,
});

const cases: { name: string; flags?: NodeFlags; findings?: NodeFindings; want: Record<string, unknown> | undefined; conditions?: string[] }[] = [
  {
    name: "takes everything from the Node object and the host",
    want: {
      subnets: ["10.132.2.0/23", "fd00:132:2::/64"],
      addresses: ["10.132.2.1", "fd00:132:2::1"],
      nodeIPs: ["192.0.2.21", "2001:db8::21"],
      endpoints: [{ host: "192.0.2.21", port: 5555, via: "NodeIP" }],
    },
  },
  {
    name: "lets each flag win",
    flags: flags({
      subnets: prefixes("10.132.8.0/24"),
      addresses: addresses("10.132.8.7"),
      nodeIPs: addresses("192.0.2.99"),
      endpoint: { host: "vpn.example", port: 31_555 },
    }),
    want: { subnets: ["10.132.8.0/24"], addresses: ["10.132.8.7"], nodeIPs: ["192.0.2.99"], endpoints: [{ host: "vpn.example", port: 31_555 }] },
  },
  { name: "is not published without a subnet", findings: findings({ object: undefined }), want: undefined, conditions: ["NoSubnet"] },
  { name: "is not published without an own address", findings: findings({ hostAddresses: [] }), want: undefined, conditions: ["NoAddress"] },
  {
    name: "is not published without a way to reach it",
    findings: findings({ object: { ...findings().object!, internalIPs: [] } }),
    want: undefined,
    conditions: ["NoEndpoint"],
  },
  {
    name: "says that the others will refuse a subnet outside the pins",
    findings: findings({ pins: prefixes("10.132.0.0/14") }),
    want: {
      subnets: ["10.132.2.0/23", "fd00:132:2::/64"],
      addresses: ["10.132.2.1", "fd00:132:2::1"],
      nodeIPs: ["192.0.2.21", "2001:db8::21"],
      endpoints: [{ host: "192.0.2.21", port: 5555, via: "NodeIP" }],
    },
    conditions: ["OutsidePins"],
  },
];

describe("ownFacts", () => {
  for (const { name, flags: given = flags(), findings: found = findings(), want, conditions = [] } of cases)
    it(name, () => {
      const { published, conditions: said } = ownFacts(given, found);
      const { subnets, addresses, nodeIPs, tunnels } = published ?? {};
      assert.deepEqual(published && { subnets, addresses, nodeIPs, endpoints: tunnels?.[0]?.endpoints }, want);
      assert.deepEqual(said.map(({ type }) => type), conditions);
    });

  it("knows that it is translated when its endpoint is none of its addresses", () => {
    assert.equal(ownFacts(flags(), findings()).translated, false);
    assert.equal(ownFacts(flags({ endpoint: { host: "203.0.113.7", port: 5555 } }), findings()).translated, true);
  });
});
