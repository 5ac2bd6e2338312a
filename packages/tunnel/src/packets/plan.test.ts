import assert from "node:assert/strict";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { remotePrefixesIn } from "./listing.ts";
import { renderPackets } from "./plan.ts";
import type { PacketContext } from "./plan.ts";

const context = (changes: Partial<PacketContext> = {}): PacketContext => ({
  localPrefixes: ["10.1.0.0/24", "fd01::/64"].map(parsePrefix),
  remotePrefixes: ["10.9.0.0/16", "fd09::/48"].map(parsePrefix),
  ownAddresses: ["10.1.0.1", "fd01::1"].map(parseAddress),
  mtu: 1420,
  ...changes,
});
const lines = (table: string): string[] => table.split("\n").map((line) => line.trim());
const chainOf = (table: string, name: string): string[] => {
  const all = lines(table);
  const start = all.indexOf(`chain ${name} {`);
  return all.slice(start + 1, all.indexOf("}", start));
};

describe("renderPackets", () => {
  it("exempts both directions before any other source translation, then translates strangers", () =>
    assert.deepEqual(chainOf(renderPackets(context()), "exempt"), [
      "type nat hook postrouting priority srcnat - 10; policy accept;",
      "ip saddr @local4 ip daddr @remote4 snat ip to ip saddr",
      "ip6 saddr @local6 ip6 daddr @remote6 snat ip6 to ip6 saddr",
      "ip saddr @remote4 ip daddr @local4 snat ip to ip saddr",
      "ip6 saddr @remote6 ip6 daddr @local6 snat ip6 to ip6 saddr",
      'oifname "sdn-wg*" ip saddr != @local4 ip daddr @remote4 snat ip to 10.1.0.1',
      'oifname "sdn-wg*" ip6 saddr != @local6 ip6 daddr @remote6 snat ip6 to fd01::1',
    ]));

  it("translates strangers only in the families in which this node has an address", () =>
    assert.deepEqual(
      chainOf(renderPackets(context({ ownAddresses: [parseAddress("fd01::1")] })), "exempt").filter((line) => line.startsWith("oifname")),
      ['oifname "sdn-wg*" ip6 saddr != @local6 ip6 daddr @remote6 snat ip6 to fd01::1'],
    ));

  it("clamps in both directions, to the path's MTU on the way out and to the device's on the way in", () => {
    const table = renderPackets(context({ mtu: 1380 }));
    assert.match(chainOf(table, "clamp-out").join("\n"), /oifname "sdn-wg\*" .* maxseg size set rt mtu$/);
    assert.match(chainOf(table, "clamp-in").join("\n"), /nfproto ipv4 .* set 1340\n.*nfproto ipv6 .* set 1320$/);
  });

  it("lets nothing out of the tunnel but to this node's own prefixes, and echo requests in by the tunnel only", () => {
    const guard = chainOf(renderPackets(context()), "guard");
    for (const ip of ["ip daddr != @local4", "ip6 daddr != @local6"]) assert.ok(guard.includes(`iifname "sdn-wg*" ${ip} drop`));
    assert.equal(guard.filter((line) => /^iifname != "sdn-wg\*" .*udp dport 5557 .*drop$/.test(line)).length, 2);
  });

  it("has empty sets, and none missing, while nothing is known", () => {
    const table = renderPackets(context({ localPrefixes: [], remotePrefixes: [], ownAddresses: [] }));
    for (const set of ["local4", "local6", "remote4", "remote6"]) assert.ok(lines(table).includes(`set ${set} {`));
    assert.doesNotMatch(table, /elements/);
  });

  const anyPrefix = fc
    .tuple(fc.nat(3), fc.nat(3), fc.constantFrom(8, 16, 24), fc.boolean())
    .map(([a, b, length, six]) => (six ? `fd0${a}:${length > 8 ? b : 0}::/${length > 8 ? 32 : 16}` : `10.${length > 8 ? a : 0}.${length > 16 ? b : 0}.0/${length}`))
    .map(parsePrefix);

  it("renders the same table whatever the order, and keeps the outermost prefixes", () =>
    fc.assert(
      fc.property(fc.array(anyPrefix), (remotePrefixes) => {
        const table = renderPackets(context({ remotePrefixes }));
        assert.equal(renderPackets(context({ remotePrefixes: remotePrefixes.toReversed() })), table);
        const kept = new Set(remotePrefixesIn(table));
        assert.equal(renderPackets(context({ remotePrefixes: [...kept] })), table);
        for (const prefix of kept) assert.ok(remotePrefixes.includes(prefix));
      }),
    ));
});
