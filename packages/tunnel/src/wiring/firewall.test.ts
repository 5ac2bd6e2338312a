import assert from "node:assert/strict";
import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { describe, it } from "vitest";
import { checkFirewall } from "./firewall.ts";

const chain = (table: string, hook: string | undefined, policy: string | undefined) => ({
  chain: { family: "ip", table, name: (hook ?? "other").toUpperCase(), ...(hook && { hook }), ...(policy && { policy }) },
});

/** nft(8) with these chains, all of which hold `rules`. */
const nft = (chains: object[], rules = ""): CommandRunner => ({
  run: async (argv) => (argv.includes("chains") ? JSON.stringify({ nftables: [{ metainfo: {} }, ...chains] }) : rules),
});

const cases: { name: string; chains: object[]; rules?: string; want: string[] }[] = [
  { name: "is content without chains", chains: [], want: [] },
  { name: "is content with chains that accept", chains: [chain("filter", "forward", "accept"), chain("filter", undefined, undefined)], want: [] },
  { name: "names a forward chain that drops", chains: [chain("filter", "forward", "drop")], want: ["chain ip filter FORWARD"] },
  { name: "names an input chain that drops", chains: [chain("filter", "input", "drop")], want: ["chain ip filter INPUT"] },
  { name: "does not care what is dropped on the way out", chains: [chain("filter", "output", "drop")], want: [] },
  { name: "does not take the proxy's rule for one", chains: [chain("filter", "input", "drop")], rules: 'ip daddr 172.31.0.0/16 accept comment "sdn-tunnel"', want: ["chain ip filter INPUT"] },
  { name: "is content once the operator let the tunnel in", chains: [chain("filter", "forward", "drop")], rules: 'iifname "sdn-wg*" accept comment "sdn-tunnel"', want: [] },
];

describe("checkFirewall", () => {
  for (const { name, chains, rules, want } of cases)
    it(name, async () => assert.deepEqual((await checkFirewall(nft(chains, rules))).map(({ object }) => object), want));

  it("says so when it cannot look", async () => {
    const failing: CommandRunner = { run: () => Promise.reject(new Error("exit code 1")) };
    assert.deepEqual((await checkFirewall(failing)).map(({ type }) => type), ["FirewallUnknown"]);
  });

  it("says what to type", async () => {
    const [condition] = await checkFirewall(nft([chain("filter", "forward", "drop")]));
    assert.match(condition?.message ?? "", /add: nft insert rule ip filter FORWARD iifname "sdn-wg\*" accept comment "sdn-tunnel"$/);
  });
});
