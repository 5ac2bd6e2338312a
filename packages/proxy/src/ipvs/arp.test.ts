import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import type { Address } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { describe, it } from "vitest";
import { NftArpRules, renderArp } from "./arp.ts";

const own = "10.10.0.1" as Address;
const results = await runInNamespace(new URL("arp.netns.ts", import.meta.url));

describe("renderArp()", () => {
  it("renders nothing without a prefix of IPv4", () => assert.equal(renderArp([parsePrefix("fd00:31::/112")], own), ""));

  it("renders the same whatever the order of prefixes", () => {
    const [a, b] = ["172.31.0.0/16", "172.28.0.0/16"].map(parsePrefix) as [never, never];
    assert.equal(renderArp([a, b], own), renderArp([b, a], own));
  });

  it("renders the table with questions in the node's own name", () =>
    assert.equal(
      renderArp([parsePrefix("172.31.0.0/16")], own).replace(/of_[0-9a-f]{8}/, "of_…"),
      `add table arp sdn_proxy
delete table arp sdn_proxy
table arp sdn_proxy {
  chain input {
    type filter hook input priority 0; policy accept;
    arp operation request arp daddr ip { 172.31.0.0/16 } drop
  }
  chain output {
    type filter hook output priority 0; policy accept;
    arp operation request arp saddr ip { 172.31.0.0/16 } arp saddr ip set 10.10.0.1
  }
  chain of_… {
  }
}
`,
    ));
});

describe("NftArpRules", () => {
  for (const listing of ["", '{"nftables": [{"metainfo"', '{"nftables": []}'])
    it(`writes nothing after the listing ${JSON.stringify(listing)}, which is not whole`, async () => {
      const asked: string[] = [];
      const rules = new NftArpRules({ run: async (argv) => (asked.push(argv.join(" ")), listing) });
      await assert.rejects(rules.ensure([parsePrefix("172.31.0.0/16")], own), /Cannot read the listing of ruleset arp that nft printed/);
      assert.deepEqual(asked, ["nft -j list ruleset arp"]);
    });
});

describe("NftArpRules, between a node and its network", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});
