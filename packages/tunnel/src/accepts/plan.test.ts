import assert from "node:assert/strict";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { describe, it } from "vitest";
import { ownsAccept, planAccepts } from "./plan.ts";
import type { AcceptContext } from "./plan.ts";

const context = (changes: Partial<Record<"local" | "remote" | "own", string[]>> = {}): AcceptContext => ({
  local: (changes.local ?? ["10.1.0.0/24", "fd01::/64"]).map(parsePrefix),
  remote: (changes.remote ?? ["10.8.0.0/16", "10.9.0.0/16", "fd09::/48"]).map(parsePrefix),
  own: (changes.own ?? ["10.1.0.1", "fd01::1"]).map(parseAddress),
  listenPort: 5555,
});
const chain = (family: string, hook: string) => ({ family, table: "filter", name: "any", hook });

const cases: { name: string; family: string; hook: string; context?: AcceptContext; want: string[] }[] = [
  {
    name: "opens forward between remote and local pods, both ways",
    family: "ip",
    hook: "forward",
    want: [
      'iifname "sdn-wg*" ip saddr 10.8.0.0/16 ip daddr 10.1.0.0/24',
      'iifname "sdn-wg*" ip saddr 10.9.0.0/16 ip daddr 10.1.0.0/24',
      'oifname "sdn-wg*" ip saddr 10.1.0.0/24 ip daddr 10.8.0.0/16',
      'oifname "sdn-wg*" ip saddr 10.1.0.0/24 ip daddr 10.9.0.0/16',
    ],
  },
  {
    name: "opens input for remote pods to the node's own address alone, and for WireGuard",
    family: "ip",
    hook: "input",
    want: ['iifname "sdn-wg*" ip saddr 10.8.0.0/16 ip daddr 10.1.0.1/32', 'iifname "sdn-wg*" ip saddr 10.9.0.0/16 ip daddr 10.1.0.1/32', "udp dport 5555"],
  },
  { name: "does the same in IPv6", family: "ip6", hook: "input", want: ['iifname "sdn-wg*" ip6 saddr fd09::/48 ip6 daddr fd01::1/128', "udp dport 5555"] },
  {
    name: "names both families in a table of both",
    family: "inet",
    hook: "forward",
    context: context({ remote: ["10.9.0.0/16", "fd09::/48"] }),
    want: [
      'iifname "sdn-wg*" ip saddr 10.9.0.0/16 ip daddr 10.1.0.0/24',
      'oifname "sdn-wg*" ip saddr 10.1.0.0/24 ip daddr 10.9.0.0/16',
      'iifname "sdn-wg*" ip6 saddr fd09::/48 ip6 daddr fd01::/64',
      'oifname "sdn-wg*" ip6 saddr fd01::/64 ip6 daddr fd09::/48',
    ],
  },
  { name: "names WireGuard's port once in a table of both", family: "inet", hook: "input", context: context({ remote: [], own: [] }), want: ["udp dport 5555"] },
  { name: "opens nothing in forward while no remote cluster is known", family: "ip", hook: "forward", context: context({ remote: [] }), want: [] },
  {
    name: "leaves the remote side out when there are too many pairs",
    family: "ip",
    hook: "forward",
    context: context({ remote: Array.from({ length: 33 }, (_, i) => `10.${100 + i}.0.0/16`) }),
    want: ['iifname "sdn-wg*" ip daddr 10.1.0.0/24', 'oifname "sdn-wg*" ip saddr 10.1.0.0/24'],
  },
  { name: "has nothing for bridges", family: "bridge", hook: "forward", want: [] },
];

describe("planAccepts()", () => {
  for (const { name, family, hook, context: given = context(), want } of cases)
    it(name, () => assert.deepEqual(planAccepts(chain(family, hook), given), want));

  it("plans nothing that is not then known as ours, and takes none of the proxy's for ours", () => {
    for (const { family, hook, context: given = context() } of cases)
      for (const body of planAccepts(chain(family, hook), given)) assert.ok(ownsAccept(body), body);
    for (const body of ["ip daddr 172.31.0.0/16", "ip6 daddr fd00::/64", ""]) assert.ok(!ownsAccept(body), body);
  });
});
