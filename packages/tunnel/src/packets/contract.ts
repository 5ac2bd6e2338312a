import assert from "node:assert/strict";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { renderPackets } from "./plan.ts";
import type { PacketRules } from "./packet-rules.ts";
import { remotePrefixesIn } from "./listing.ts";

/** What the suite runs on: rules of a node that has none yet. */
export interface PacketCase {
  readonly name: string;
  readonly run: (rules: PacketRules) => Promise<void>;
}

const table = (remote: string[]): string =>
  renderPackets({
    localPrefixes: ["10.1.0.0/24", "fd01::/64"].map(parsePrefix),
    remotePrefixes: remote.map(parsePrefix),
    ownAddresses: ["10.1.0.1", "fd01::1"].map(parseAddress),
    mtu: 1420,
  });

/** Every adapter of `PacketRules` behaves like this. */
export const packetContract: readonly PacketCase[] = [
  { name: "starts without a table", run: async (rules) => assert.equal(await rules.list(), undefined) },
  {
    name: "lists what it wrote, and the same each time",
    async run(rules) {
      const listing = await rules.replace(table(["10.9.0.0/16", "fd09::/48"]));
      assert.match(listing, /^table inet sdn_tunnel \{/);
      assert.equal(await rules.list(), listing);
      assert.equal(await rules.replace(table(["fd09::/48", "10.9.0.0/16"])), listing);
      assert.deepEqual(remotePrefixesIn(listing), ["10.9.0.0/16", "fd09::/48"]);
    },
  },
  {
    name: "replaces the whole table, also by one without remote prefixes",
    async run(rules) {
      const many = Array.from({ length: 40 }, (_, i) => `10.${100 + i}.0.0/24`);
      assert.deepEqual(remotePrefixesIn(await rules.replace(table(many))), many);
      assert.deepEqual(remotePrefixesIn(await rules.replace(table([]))), []);
    },
  },
  {
    name: "takes neighbours, nested prefixes and twins",
    async run(rules) {
      const listing = await rules.replace(table(["10.8.0.0/16", "10.9.0.0/16", "10.9.4.0/24", "10.9.4.0/24", "fd08::/48", "fd09::/32"]));
      assert.deepEqual(remotePrefixesIn(listing), ["10.8.0.0/16", "10.9.0.0/16", "fd08::/48", "fd09::/32"]);
    },
  },
  {
    name: "keeps what is in force when the new table is refused",
    async run(rules) {
      const listing = await rules.replace(table(["10.9.0.0/16"]));
      await assert.rejects(rules.replace("table inet sdn_tunnel { set broken {"));
      assert.equal(await rules.list(), listing);
    },
  },
  {
    name: "removes its table, twice if need be",
    async run(rules) {
      await rules.replace(table([]));
      await rules.remove();
      assert.equal(await rules.list(), undefined);
      await rules.remove();
    },
  },
];
