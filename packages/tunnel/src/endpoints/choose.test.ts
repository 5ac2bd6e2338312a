import assert from "node:assert/strict";
import { showSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { MeshTunnel } from "@sdn-tunnel/common/mesh/mesh-node";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { containsAddress } from "@sdn-tunnel/common/net/overlap";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { describe, it } from "vitest";
import { chooseEndpoint, namesOf } from "./choose.ts";

const routed = parsePrefix("10.132.0.0/14");
const names: Record<string, string[]> = { "vpn.example": ["2001:db8::9", "192.0.2.9"], "inside.example": ["10.132.0.9", "192.0.2.10"] };
const nodeIPs = ["192.0.2.21", "2001:db8::21"].map(parseAddress);

const cases: { name: string; hosts: string[]; via?: string; families?: readonly (4 | 6)[]; want: string | undefined; translated?: boolean; refused?: number }[] = [
  { name: "takes the first in its owner's order", hosts: ["192.0.2.21", "2001:db8::21"], want: "192.0.2.21:5555" },
  { name: "passes over a family that this node lacks", hosts: ["192.0.2.21", "2001:db8::21"], families: [6], want: "[2001:db8::21]:5555" },
  { name: "keeps the translation of a load balancer alive", hosts: ["192.0.2.21"], via: "LoadBalancer", want: "192.0.2.21:5555", translated: true },
  { name: "keeps the translation of a NodePort alive", hosts: ["192.0.2.21"], via: "NodePort", want: "192.0.2.21:5555", translated: true },
  { name: "takes an address that is none of the node's as translated", hosts: ["203.0.113.7"], want: "203.0.113.7:5555", translated: true },
  { name: "uses a name as it was resolved, in a family of this node", hosts: ["vpn.example"], families: [4], want: "192.0.2.9:5555", translated: true },
  { name: "goes on to the next while a name is not resolved", hosts: ["unknown.example", "192.0.2.21"], want: "192.0.2.21:5555" },
  { name: "refuses an endpoint inside a routed prefix, and goes on", hosts: ["10.132.4.4", "192.0.2.21"], want: "192.0.2.21:5555", refused: 1 },
  { name: "refuses a resolved one likewise", hosts: ["inside.example"], want: "192.0.2.10:5555", translated: true, refused: 1 },
  { name: "has none when none is usable", hosts: ["unknown.example"], want: undefined, translated: true },
  { name: "has none when none is published", hosts: [], want: undefined, translated: true },
];

describe("chooseEndpoint", () => {
  for (const { name, hosts, via, families = [4, 6] as const, want, translated = false, refused = 0 } of cases)
    it(name, () => {
      const endpoints: MeshTunnel["endpoints"] = hosts.map((host) => ({ host, port: 5555, via }));
      const choice = chooseEndpoint(endpoints, nodeIPs, {
        families: new Set<4 | 6>(families),
        resolved: (host) => names[host]?.map(parseAddress),
        routed: (address) => (containsAddress(routed, address) ? routed : undefined),
      });
      assert.equal(choice.endpoint && showSocketAddress(choice.endpoint), want);
      assert.deepEqual([choice.translated, choice.refused.length], [translated, refused]);
    });

  it("knows names from addresses", () =>
    assert.deepEqual(namesOf([{ host: "192.0.2.1", port: 1 }, { host: "vpn.example", port: 1 }, { host: "2001:db8::1", port: 1 }]), ["vpn.example"]));
});
