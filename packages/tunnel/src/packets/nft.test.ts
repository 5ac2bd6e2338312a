import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, expect, it } from "vitest";
import { packetContract } from "./contract.ts";
import { FakePacketRules } from "./fake.ts";

const results = await runInNamespace(new URL("nft.netns.ts", import.meta.url));

describe("NftPacketRules, in a network namespace of its own", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});

describe("FakePacketRules", () => {
  for (const { name, run } of packetContract) it(name, () => expect(run(new FakePacketRules())).resolves.toBeUndefined());
});
