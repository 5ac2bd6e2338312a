import assert from "node:assert/strict";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { describe, it } from "vitest";
import { ownAddresses } from "./own-addresses.ts";

const local = ["192.0.2.1", "10.10.1.1", "fd00:10::1"];
const cases = [
  { name: "takes what the flag says", flags: ["10.10.1.9"], published: ["10.10.1.1"], subnets: ["10.10.1.0/24"], want: ["10.10.1.9"] },
  { name: "takes what this node has published", flags: [], published: ["10.10.1.1", "fd00:10::1"], subnets: [], want: ["10.10.1.1", "fd00:10::1"] },
  { name: "does not take a published address that the node does not have", flags: [], published: ["10.10.1.7"], subnets: ["10.10.1.0/24"], want: ["10.10.1.1"] },
  { name: "finds its own address inside its subnets", flags: [], published: [], subnets: ["10.10.1.0/24", "fd00:10::/64"], want: ["10.10.1.1", "fd00:10::1"] },
  { name: "knows none", flags: [], published: [], subnets: [], want: [] },
];

describe("ownAddresses()", () => {
  for (const { name, flags, published, subnets, want } of cases)
    it(name, () => {
      const parsed = { flags: flags.map(parseAddress), published: published.map(parseAddress), local: local.map(parseAddress) };
      assert.deepEqual([...ownAddresses({ ...parsed, subnets: subnets.map(parsePrefix) }).values()], want);
    });
});
