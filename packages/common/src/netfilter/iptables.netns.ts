import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createCommandRunner } from "../daemon/command.ts";
import { NetlinkDoor } from "../kernel/door.ts";
import type { NamespaceCase } from "../kernel/namespace.ts";
import { openNetfilterSocket } from "../kernel/socket.ts";
import { TAG } from "./chain.ts";
import type { ForeignChain } from "./chain.ts";
import { readComments } from "./comments.ts";
import { diffAccepts } from "./diff.ts";
import { NftChains } from "./nft-chains.ts";

// Runs inside a namespace of its own; see kernel/namespace.ts. Here the chains are those of iptables-nft(8).
const netfilter = new NetlinkDoor(openNetfilterSocket);
const chains = new NftChains(createCommandRunner(), (chain) => readComments(netfilter, chain));
const iptables = (line: string, input = ""): string => execFileSync(`iptables-nft${line}`.split(" ")[0]!, `iptables-nft${line}`.split(" ").slice(1), { input, encoding: "utf8" });
const wanted = ['iifname "sdn-wg*" ip saddr 10.132.0.0/14 ip daddr 10.128.0.0/23', 'oifname "sdn-wg*" ip saddr 10.128.0.0/23 ip daddr 10.132.0.0/14', "udp dport 5555"];
const plan = { wanted, owns: () => true };
const mine = "-A FORWARD -s 10.9.0.0/16 -m comment --comment mine -j ACCEPT";

async function forward(): Promise<ForeignChain> {
  const [chain] = await chains.list(({ name }) => name === "FORWARD");
  assert.ok(chain);
  return chain;
}

async function open(): Promise<void> {
  execFileSync("nft", ["flush", "ruleset"]);
  iptables(" -P FORWARD DROP");
  iptables(` ${mine}`);
  iptables(" -A FORWARD -m conntrack --ctstate INVALID -j DROP");
  await chains.apply(diffAccepts(await forward(), plan));
}

export const cases: readonly NamespaceCase[] = [
  {
    name: "iptables-nft reads the chain with our rules in it, comment and all",
    async run() {
      await open();
      const listing = iptables(" -S FORWARD").split("\n");
      for (const rule of [
        "-A FORWARD -s 10.132.0.0/14 -d 10.128.0.0/23 -i sdn-wg+ -m comment --comment sdn-tunnel -j ACCEPT",
        "-A FORWARD -s 10.128.0.0/23 -d 10.132.0.0/14 -o sdn-wg+ -m comment --comment sdn-tunnel -j ACCEPT",
        "-A FORWARD -p udp -m udp --dport 5555 -m comment --comment sdn-tunnel -j ACCEPT",
        mine,
      ])
        assert.ok(listing.includes(rule), `${rule} is not in ${listing.join("\n")}`);
      iptables(" -C FORWARD -p udp -m udp --dport 5555 -m comment --comment sdn-tunnel -j ACCEPT");
    },
  },
  {
    name: "rules that somebody saved and restored are known as ours, and the operator's as the operator's",
    async run() {
      await open();
      iptables("-restore", iptables("-save"));
      const restored = await forward();
      assert.deepEqual(restored.rules.filter(({ comment }) => comment === TAG).map(({ body }) => body).toSorted(), wanted.toSorted());
      assert.deepEqual(diffAccepts(restored, plan), []);
      await chains.apply(diffAccepts(restored, { ...plan, wanted: [] }));
      assert.deepEqual(iptables(" -S FORWARD").trim().split("\n"), ["-P FORWARD DROP", mine, "-A FORWARD -m conntrack --ctstate INVALID -j DROP"]);
    },
  },
  {
    name: "a rule that iptables put before ours and that may refuse is overtaken",
    async run() {
      await open();
      iptables(" -I FORWARD 1 -s 10.132.0.0/14 -j REJECT");
      await chains.apply(diffAccepts(await forward(), plan));
      assert.match(iptables(" -S FORWARD").split("\n")[1] ?? "", /--comment sdn-tunnel/);
      assert.deepEqual(diffAccepts(await forward(), plan), []);
    },
  },
];
