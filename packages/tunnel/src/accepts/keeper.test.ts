import assert from "node:assert/strict";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { TAG } from "@sdn-tunnel/common/netfilter/chain";
import type { Chain, ChainRule } from "@sdn-tunnel/common/netfilter/chain";
import { FakeChains } from "@sdn-tunnel/common/netfilter/fake";
import { Ruleset } from "@sdn-tunnel/common/netfilter/ruleset";
import type { Transaction } from "@sdn-tunnel/common/netfilter/transaction";
import { beforeEach, describe, it } from "vitest";
import { AcceptKeeper } from "./keeper.ts";
import type { ForeignChainsChoice } from "./keeper.ts";

const forward: Chain = { family: "ip", table: "filter", name: "FORWARD", hook: "forward", type: "filter", policy: "drop" };
const input: Chain = { ...forward, name: "INPUT", hook: "input" };
const context = { local: [parsePrefix("10.1.0.0/24")], remote: [parsePrefix("10.9.0.0/16")], own: [parseAddress("10.1.0.1")], listenPort: 5555 };
const there = 'iifname "sdn-wg*" ip saddr 10.9.0.0/16 ip daddr 10.1.0.0/24';
const back = 'oifname "sdn-wg*" ip saddr 10.1.0.0/24 ip daddr 10.9.0.0/16';
const inputs = ['iifname "sdn-wg*" ip saddr 10.9.0.0/16 ip daddr 10.1.0.1/32', "udp dport 5555"];
const rule = (handle: number, verdict: string, more: Partial<ChainRule> = {}): ChainRule => ({ handle, verdict, always: verdict !== "accept", ...more });
const typed = rule(3, "accept", { body: 'iifname "sdn-wg*"', comment: TAG });

let chains: FakeChains;
let reads: number;
/** Transactions of others. */
let foreign: number;
let told: string[];
let legacy: string[];
beforeEach(() => ([chains, reads, foreign, told, legacy] = [new FakeChains(), 0, 0, [], []]));

const keep = (choice: ForeignChainsChoice = "insert"): AcceptKeeper =>
  new AcceptKeeper({
    chains: { list: (wanted) => (reads++, chains.list(wanted)), apply: (ops) => chains.apply(ops) },
    ruleset: new Ruleset(async () => chains.writes + foreign),
    choice,
    legacyTables: async () => legacy,
    applied: (chain, ops, lost) => told.push(`${chain}: ${ops.length}, ${lost} lost`),
  });

/** What the owner does to a chain. */
function own(chain: Chain, rules: readonly ChainRule[] = []): void {
  chains.set(chain, rules);
  foreign++;
}

const opened: { name: string; chain: Chain; rules?: ChainRule[]; want: string[] }[] = [
  { name: "opens a forward chain that drops by policy", chain: forward, want: [back, there] },
  { name: "opens an input chain that drops by policy", chain: input, want: inputs.toReversed() },
  { name: "opens firewalld's chain, which rejects by its last rule", chain: { ...forward, family: "inet", table: "firewalld", name: "filter_FORWARD", policy: "accept" }, rules: [rule(1, "jump zones"), rule(2, "reject")], want: [back, there] },
  { name: "leaves a chain alone that accepts", chain: { ...forward, policy: "accept" }, rules: [rule(1, "drop", { always: false })], want: [] },
  { name: "leaves a chain alone whose refusal Weave Net's policies rely on", chain: forward, rules: [rule(1, "jump WEAVE-NPC"), rule(2, "drop")], want: [] },
  { name: "leaves chains of output alone", chain: { ...forward, hook: "output" }, want: [] },
  { name: "leaves chains of bridges alone", chain: { ...forward, family: "bridge" }, want: [] },
  { name: "leaves chains that translate alone", chain: { ...forward, type: "nat" }, want: [] },
  { name: "replaces a wider rule that an operator typed as we had said", chain: forward, rules: [typed], want: [back, there] },
  { name: "takes its rules out where they are not needed any more", chain: { ...forward, policy: "accept" }, rules: [rule(7, "accept", { body: there, comment: TAG })], want: [] },
  { name: "does not touch the proxy's rules", chain: { ...input, policy: "accept" }, rules: [rule(7, "accept", { body: "ip daddr 172.31.0.0/16", comment: TAG })], want: ["ip daddr 172.31.0.0/16"] },
];

describe("AcceptKeeper", () => {
  for (const { name, chain, rules = [], want } of opened)
    it(name, async () => {
      own(chain, rules);
      const keeper = keep();
      await keeper.ensure(context);
      assert.deepEqual(chains.accepts(`${chain.family} ${chain.table} ${chain.name}`), want);
      assert.deepEqual(keeper.conditions, []);
    });

  it("stays behind the policies of Calico and kube-router", async () => {
    own(forward, [rule(1, "jump KUBE-ROUTER-FORWARD"), rule(2, "jump cali-FORWARD"), rule(3, "jump KUBE-FORWARD")]);
    await keep().ensure(context);
    const verdicts = chains.chains.get("ip filter FORWARD")?.rules.map(({ verdict }) => verdict);
    assert.deepEqual(verdicts, ["jump KUBE-ROUTER-FORWARD", "jump cali-FORWARD", "accept", "accept", "jump KUBE-FORWARD"]);
  });

  it("writes once, and neither writes nor reads again while nobody changes anything", async () => {
    own(forward);
    const keeper = keep();
    for (let i = 0; i < 4; i++) await keeper.ensure(context);
    assert.deepEqual({ writes: chains.writes, reads }, { writes: 1, reads: 2 });
  });

  it("puts back what its owner flushed, and counts it", async () => {
    own(forward);
    const keeper = keep();
    await keeper.ensure(context);
    own(forward);
    await keeper.ensure(context);
    assert.deepEqual(chains.accepts("ip filter FORWARD"), [back, there]);
    assert.deepEqual(told, ["ip filter FORWARD: 2, 0 lost", "ip filter FORWARD: 2, 2 lost"]);
  });

  it("follows a cluster that comes and goes, without counting that as a loss", async () => {
    own(forward);
    const keeper = keep();
    await keeper.ensure(context);
    await keeper.ensure({ ...context, remote: [] });
    assert.deepEqual(chains.accepts("ip filter FORWARD"), []);
    await keeper.ensure(context);
    assert.deepEqual(told, ["ip filter FORWARD: 2, 0 lost", "ip filter FORWARD: 2, 0 lost", "ip filter FORWARD: 2, 0 lost"]);
  });

  it("names a chain that takes no rule of ours, tries again, and goes on with the others", async () => {
    own(forward);
    const keeper = keep();
    chains.refusal = "Operation not permitted";
    await keeper.ensure(context);
    const [condition] = keeper.conditions;
    assert.equal(condition?.object, "chain ip filter FORWARD");
    assert.match(condition?.message ?? "", /takes no rule of ours \(Operation not permitted\): .* may be lost; add: nft 'insert rule ip filter FORWARD iifname "sdn-wg\*" ip daddr 10\.1\.0\.0\/24 counter accept/);
    chains.refusal = undefined;
    await keeper.ensure(context);
    assert.deepEqual([keeper.conditions, chains.accepts("ip filter FORWARD")], [[], [back, there]]);
  });

  it("tells firewalld's users to use firewalld, when it lets nobody else", async () => {
    own({ ...input, family: "inet", table: "firewalld", name: "filter_INPUT" });
    chains.refusal = "Operation not permitted";
    const keeper = keep();
    await keeper.ensure(context);
    assert.match(keeper.conditions[0]?.message ?? "", /add: firewall-cmd --permanent --zone=trusted --add-interface=sdn-wg-a; firewall-cmd --permanent --add-port=5555\/udp; firewall-cmd --reload$/);
  });

  it("says that iptables-legacy cannot be read", async () => {
    legacy = ["nat", "filter"];
    const keeper = keep();
    await keeper.ensure(context);
    assert.deepEqual(keeper.conditions.map(({ type }) => type), ["LegacyFirewall"]);
  });

  it("says so when it cannot look", async () => {
    const keeper = keep();
    chains.list = () => Promise.reject(new Error("exit code 1"));
    await keeper.ensure(context);
    assert.deepEqual(keeper.conditions.map(({ type }) => type), ["FirewallUnknown"]);
  });

  it("only says what to type with --foreign-chains report, and leaves what was typed", async () => {
    own(forward);
    own(input, [typed]);
    const keeper = keep("report");
    await keeper.ensure(context);
    assert.deepEqual(keeper.conditions.map(({ object }) => object), ["chain ip filter FORWARD"]);
    assert.equal(chains.writes, 0);
  });

  it("plans without writing, and removes all that is its own and nothing else", async () => {
    own(forward, [rule(1, "drop")]);
    own(input, [rule(7, "accept", { body: "ip daddr 172.31.0.0/16", comment: TAG })]);
    const keeper = keep();
    assert.equal((await keeper.plan(context)).length, 4);
    assert.equal(chains.writes, 0);
    await keeper.ensure(context);
    await keep("report").remove();
    assert.deepEqual([chains.accepts("ip filter FORWARD"), chains.accepts("ip filter INPUT")], [[], ["ip daddr 172.31.0.0/16"]]);
  });

  it("is concerned by chains that it knows, and by base chains that come", async () => {
    own(forward);
    const keeper = keep();
    await keeper.ensure(context);
    const told = (chain: string, baseChains = false): Transaction => ({ generation: 1, program: "x", pid: 1, tables: new Set(), chains: new Set([chain]), baseChains });
    assert.deepEqual(
      [told("ip filter FORWARD"), told("ip filter KUBE-FORWARD"), told("inet firewalld filter_FORWARD", true)].map((one) => keeper.concerns(one)),
      [true, false, true],
    );
  });
});
