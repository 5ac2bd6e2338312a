import assert from "node:assert/strict";
import { CommonError } from "@sdn-tunnel/common/errors";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, expect, it } from "vitest";
import { packetContract } from "./contract.ts";
import { FakePacketRules } from "./fake.ts";
import { NftPacketRules } from "./nft.ts";

const results = await runInNamespace(new URL("nft.netns.ts", import.meta.url));

describe("NftPacketRules, in a network namespace of its own", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});

describe("FakePacketRules", () => {
  for (const { name, run } of packetContract) it(name, () => expect(run(new FakePacketRules())).resolves.toBeUndefined());
});

describe("NftPacketRules.list()", () => {
  const listing = "table inet sdn_tunnel {\n\tset remote4 {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = { 10.9.0.0/16 }\n\t}\n}\n";
  const printing = (stdout: string) => new NftPacketRules({ run: async () => stdout });
  const failing = (stderr: string) =>
    new NftPacketRules({ run: () => Promise.reject(new CommonError({ code: "COMMAND_FAILED", command: "nft", exit: "exit code 1", stderr })) });

  it("takes a listing that is whole", async () => assert.equal(await printing(listing).list(), listing));

  it("takes no part of one for all of it, wherever it was cut", async () => {
    for (let length = 0; length < listing.length - 2; length++) await expect(printing(listing.slice(0, length)).list()).rejects.toThrow(/^Cannot read the listing of table inet sdn_tunnel that nft printed: it ends with/);
  });

  it("knows an absent table from a program that cannot start", async () => {
    assert.equal(await failing("Error: No such file or directory\nlist table inet sdn_tunnel").list(), undefined);
    const library = "nft: error while loading shared libraries: libnftables.so.1: cannot open shared object file: No such file or directory";
    await expect(failing(library).list()).rejects.toThrow(/loading shared libraries/);
  });
});
