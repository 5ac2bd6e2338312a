import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { Ruleset } from "@sdn-tunnel/common/netfilter/ruleset";
import { afterEach, beforeEach, describe, it } from "vitest";
import { FakePacketRules } from "./fake.ts";
import { PacketKeeper } from "./keeper.ts";
import { remotePrefixesIn } from "./listing.ts";
import type { PacketRules } from "./packet-rules.ts";

let folder: string;
let rules: FakePacketRules;
/** The ruleset's generation: our fake counts one on for each write; others do it by hand. */
let foreignWrites = 0;
let lists = 0;
const keep = (): PacketKeeper => {
  const counted: PacketRules = {
    list: () => (lists++, rules.list()),
    replace: (table) => rules.replace(table),
    remove: () => rules.remove(),
  };
  return new PacketKeeper(counted, folder, new Ruleset(async () => rules.writes + foreignWrites));
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keeper-"));
  lists = 0;
  rules = new FakePacketRules(); // prints the table otherwise than it was written
});
afterEach(() => rmSync(folder, { recursive: true }));

const context = (...remote: string[]) => ({
  localPrefixes: [parsePrefix("10.1.0.0/24")],
  remotePrefixes: remote.map(parsePrefix),
  ownAddresses: [parseAddress("10.1.0.1")],
  mtu: 1420,
});
const always = (): boolean => true;
const remote = ["10.9.0.0/16"];

describe("PacketKeeper", () => {
  it("writes once, and not again while all is as it was", async () => {
    const keeper = keep();
    assert.deepEqual(await keeper.ensure(context("10.9.0.0/16"), always), { written: true, first: true, restored: false, remote });
    assert.deepEqual(await keeper.ensure(context("10.9.0.0/16"), always), { written: false, first: false, restored: false, remote });
    assert.equal(rules.writes, 1);
  });

  it("does not write after a restart either", async () => {
    await keep().ensure(context("10.9.0.0/16"), always);
    await keep().ensure(context("10.9.0.0/16"), always);
    assert.equal(rules.writes, 1);
  });

  it("writes once more when it cannot know how the table was printed", async () => {
    await keep().ensure(context("10.9.0.0/16"), always);
    rmSync(join(folder, "packets.json"));
    assert.deepEqual(await keep().ensure(context("10.9.0.0/16"), always), { written: true, first: false, restored: false, remote });
  });

  it("puts back what somebody changed or took away", async () => {
    const keeper = keep();
    await keeper.ensure(context("10.9.0.0/16"), always);
    const before = await rules.list();
    await rules.replace("table inet sdn_tunnel {}");
    await keeper.ensure(context("10.9.0.0/16"), always);
    assert.equal(await rules.list(), before);
    await rules.remove();
    foreignWrites++;
    assert.deepEqual(await keeper.ensure(context("10.9.0.0/16"), always), { written: true, first: true, restored: true, remote });
  });

  it("does not list again while nobody has written, not even after its own write", async () => {
    const keeper = keep();
    await keeper.ensure(context("10.9.0.0/16"), always);
    await keeper.ensure(context("10.8.0.0/16"), always);
    await keeper.ensure(context("10.8.0.0/16"), always);
    assert.equal(lists, 1);
    foreignWrites++;
    await keeper.ensure(context("10.8.0.0/16"), always);
    await keeper.ensure(context("10.8.0.0/16"), always);
    assert.equal(lists, 2);
  });

  it("keeps remote prefixes that may not be removed yet, and says so", async () => {
    const keeper = keep();
    await keeper.ensure(context("10.8.0.0/16", "10.9.0.0/16"), always);
    const kept = await keeper.ensure(context("10.9.0.0/16"), () => false);
    assert.deepEqual(kept, { written: false, first: false, restored: false, remote: ["10.8.0.0/16", "10.9.0.0/16"] });
    await keeper.ensure(context("10.9.0.0/16"), always);
    assert.deepEqual(remotePrefixesIn((await rules.list()) ?? ""), ["10.9.0.0/16"]);
  });
});
