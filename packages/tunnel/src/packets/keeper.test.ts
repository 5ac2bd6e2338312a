import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { afterEach, beforeEach, describe, it } from "vitest";
import { FakePacketRules } from "./fake.ts";
import { PacketKeeper } from "./keeper.ts";
import { remotePrefixesIn } from "./listing.ts";

let folder: string;
let rules: FakePacketRules;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keeper-"));
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

describe("PacketKeeper", () => {
  it("writes once, and not again while all is as it was", async () => {
    const keeper = new PacketKeeper(rules, folder);
    assert.deepEqual(await keeper.ensure(context("10.9.0.0/16"), always), { written: true, first: true });
    assert.deepEqual(await keeper.ensure(context("10.9.0.0/16"), always), { written: false, first: false });
    assert.equal(rules.writes, 1);
  });

  it("does not write after a restart either", async () => {
    await new PacketKeeper(rules, folder).ensure(context("10.9.0.0/16"), always);
    await new PacketKeeper(rules, folder).ensure(context("10.9.0.0/16"), always);
    assert.equal(rules.writes, 1);
  });

  it("writes once more when it cannot know how the table was printed", async () => {
    await new PacketKeeper(rules, folder).ensure(context("10.9.0.0/16"), always);
    rmSync(join(folder, "packets.json"));
    assert.deepEqual(await new PacketKeeper(rules, folder).ensure(context("10.9.0.0/16"), always), { written: true, first: false });
  });

  it("puts back what somebody changed or took away", async () => {
    const keeper = new PacketKeeper(rules, folder);
    await keeper.ensure(context("10.9.0.0/16"), always);
    const before = await rules.list();
    await rules.replace("table inet sdn_tunnel {}");
    await keeper.ensure(context("10.9.0.0/16"), always);
    assert.equal(await rules.list(), before);
    await rules.remove();
    assert.deepEqual(await keeper.ensure(context("10.9.0.0/16"), always), { written: true, first: true });
  });

  it("keeps remote prefixes that may not be removed yet", async () => {
    const keeper = new PacketKeeper(rules, folder);
    await keeper.ensure(context("10.8.0.0/16", "10.9.0.0/16"), always);
    assert.equal((await keeper.ensure(context("10.9.0.0/16"), () => false)).written, false);
    await keeper.ensure(context("10.9.0.0/16"), always);
    assert.deepEqual(remotePrefixesIn((await rules.list()) ?? ""), ["10.9.0.0/16"]);
  });
});
