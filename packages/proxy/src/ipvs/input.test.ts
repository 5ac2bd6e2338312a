import assert from "node:assert/strict";
import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { NftChains } from "@sdn-tunnel/common/netfilter/nft-chains";
import { describe, it } from "vitest";
import { ChainInputRules } from "./input.ts";

const prefixes = ["172.31.0.0/16", "fd00:31::/64"].map(parsePrefix);
const foreign = (handle: number) => ({ handle, expr: [{ reject: null }] });
const ours = (handle: number, addr = "172.31.0.0", len = 16) => ({
  handle,
  comment: "sdn-tunnel",
  expr: [{ match: { left: { payload: { protocol: "ip", field: "daddr" } }, right: { prefix: { addr, len } } } }, { accept: null }],
});
const tunnels = (handle: number) => ({ handle, comment: "sdn-tunnel", expr: [{ match: { left: { meta: { key: "iifname" } }, right: "sdn-wg*" } }, { accept: null }] });
const add4 = 'insert rule ip filter INPUT ip daddr 172.31.0.0/16 counter accept comment "sdn-tunnel"\n';

/** nft(8) with one chain; notes the scripts that it is given. */
function nft(chain: Record<string, string>, rules: readonly object[]) {
  const scripts: string[] = [];
  const run: CommandRunner["run"] = async (argv, options) => {
    if (options?.input !== undefined) scripts.push(options.input);
    if (argv.includes("chains")) return JSON.stringify({ nftables: [{ metainfo: {} }, { chain }] });
    return JSON.stringify({ nftables: [{ chain }, ...rules.map((rule) => ({ rule }))] });
  };
  return { commands: { run }, scripts };
}

const input = { family: "ip", table: "filter", name: "INPUT", hook: "input", policy: "accept" };
const cases: { name: string; chain?: Record<string, string>; rules?: readonly object[]; none?: boolean; want: string[] }[] = [
  { name: "writes nothing where the chain is empty and accepts", want: [] },
  { name: "opens a chain that drops by default", chain: { policy: "drop" }, want: [add4] },
  { name: "opens a chain whose last rule rejects", rules: [foreign(4)], want: [add4] },
  { name: "opens IPv6 by its own prefixes", chain: { family: "ip6", policy: "drop" }, want: ['insert rule ip6 filter INPUT ip6 daddr fd00:31::/64 counter accept comment "sdn-tunnel"\n'] },
  { name: "writes nothing when its rules come first", rules: [ours(9), foreign(4)], want: [] },
  { name: "puts its rules first again", rules: [foreign(4), ours(9)], want: [`delete rule ip filter INPUT handle 9\n${add4}`] },
  { name: "takes out the rule of a prefix that is gone", rules: [ours(8, "172.29.0.0"), ours(9), foreign(4)], want: ["delete rule ip filter INPUT handle 8\n"] },
  { name: "lets the tunnel's rules come first", rules: [tunnels(3), ours(9), foreign(4)], want: [] },
  { name: "takes out all of its rules at the end, and not the tunnel's", none: true, rules: [ours(9), tunnels(3), foreign(4)], want: ["delete rule ip filter INPUT handle 9\n"] },
  { name: "leaves chains of other names alone", chain: { name: "input", policy: "drop" }, want: [] },
  { name: "leaves chains of the family inet alone", chain: { family: "inet", policy: "drop" }, want: [] },
];

describe("ChainInputRules", () => {
  for (const { name, chain = {}, rules = [], none = false, want } of cases)
    it(name, async () => {
      const { commands, scripts } = nft({ ...input, ...chain }, rules);
      await new ChainInputRules(new NftChains(commands, async () => new Map())).ensure(none ? [] : prefixes);
      assert.deepEqual(scripts, want);
    });
});
