import assert from "node:assert/strict";
import { refusesByDefault, TAG } from "./chain.ts";
import type { Chain, ChainOp, ForeignChain, ForeignChains } from "./chain.ts";
import { diffAccepts } from "./diff.ts";

/** A rule that the owner of a chain has in it. */
export type OwnersRule = "accept" | "drop established" | "drop" | "reject" | "jump sub" | "count";

/** What the suite runs on: chains of others, and their owner. */
export interface ChainsBed {
  readonly chains: ForeignChains;
  /** Makes the chain, and its table, anew with these rules; `jump sub` leads to an empty chain beside it. */
  own(chain: Chain, rules: readonly OwnersRule[]): Promise<void>;
}

export interface ChainsCase {
  readonly name: string;
  readonly run: (bed: ChainsBed) => Promise<void>;
}

const forward: Chain = { family: "ip", table: "theirs", name: "FORWARD", hook: "forward", type: "filter", policy: "drop" };
const insert = (chain: string, ...bodies: string[]): ChainOp[] => bodies.map((body) => ({ kind: "insert-rule", chain, body }));
const all = (): boolean => true;

async function only(chains: ForeignChains): Promise<ForeignChain> {
  const found = await chains.list(all);
  assert.equal(found.length, 1);
  return found[0]!;
}

const bodies: Readonly<Record<string, readonly string[]>> = {
  ip: ['iifname "sdn-wg*" ip saddr 10.132.0.0/14 ip daddr 10.128.0.0/23', 'oifname "sdn-wg*" ip saddr 10.128.0.0/23', 'iifname "sdn-wg*" ip daddr 10.128.0.1/32', "ip daddr 172.31.0.0/16", "udp dport 5555"],
  ip6: ['iifname "sdn-wg*" ip6 saddr fd00:132::/48 ip6 daddr fd00:128::/64', "ip6 daddr fd00:128::1/128", "udp dport 5555"],
  inet: ['iifname "sdn-wg*" ip saddr 10.132.0.0/14 ip daddr 10.128.0.0/23', 'oifname "sdn-wg*" ip6 saddr fd00:128::/64 ip6 daddr fd00:132::/48', "udp dport 5555"],
};

/** Every adapter of `ForeignChains` behaves like this. */
export const chainsContract: readonly ChainsCase[] = [
  {
    name: "lists base chains that are asked for, with their rules in order",
    async run({ chains, own }) {
      await own(forward, ["accept", "drop established", "count", "jump sub", "reject"]);
      const { rules, ...chain } = await only(chains);
      assert.deepEqual([chain.family, chain.table, chain.name, chain.hook, chain.type, chain.policy], ["ip", "theirs", "FORWARD", "forward", "filter", "drop"]);
      assert.deepEqual(rules.map(({ verdict, always }) => `${verdict} ${always}`), ["accept true", "drop false", "undefined false", "jump sub true", "reject true"]);
      assert.deepEqual(await chains.list(({ hook }) => hook === "input"), []);
    },
  },
  {
    name: "knows what refuses by default: by policy or by the last rule, ours left out",
    async run({ chains, own }) {
      const answers: boolean[] = [];
      for (const [policy, rules] of [["drop", []], ["accept", []], ["accept", ["drop"]], ["accept", ["reject"]], ["accept", ["drop established"]], ["accept", ["drop", "accept"]]] as const) {
        await own({ ...forward, policy }, rules);
        await chains.apply(insert("ip theirs FORWARD", "udp dport 5555"));
        answers.push(refusesByDefault(await only(chains)));
      }
      assert.deepEqual(answers, [true, false, true, true, false, false]);
    },
  },
  ...Object.entries(bodies).map(([family, wanted]): ChainsCase => ({
    name: `puts in rules of family ${family} before all others, and reads them back as they were meant`,
    async run({ chains, own }) {
      await own({ ...forward, family }, ["drop established"]);
      await chains.apply(insert(`${family} theirs FORWARD`, ...wanted));
      const { rules } = await only(chains);
      assert.deepEqual(rules.flatMap(({ comment, body }) => (comment === TAG ? [body] : [])).toSorted(), wanted.toSorted());
      assert.equal(rules.at(-1)?.verdict, "drop");
    },
  })),
  {
    name: "puts a rule behind another one, and takes it out again",
    async run({ chains, own }) {
      await own(forward, ["jump sub", "drop"]);
      const jump = (await only(chains)).rules[0]!.handle;
      await chains.apply([{ kind: "insert-rule", chain: "ip theirs FORWARD", body: "udp dport 5555", after: jump }]);
      const { rules } = await only(chains);
      assert.deepEqual(rules.map(({ verdict }) => verdict), ["jump sub", "accept", "drop"]);
      await chains.apply([{ kind: "delete-rule", chain: "ip theirs FORWARD", handle: rules[1]!.handle }]);
      assert.deepEqual((await only(chains)).rules.map(({ verdict }) => verdict), ["jump sub", "drop"]);
    },
  },
  {
    name: "commits all or nothing",
    async run({ chains, own }) {
      await own(forward, ["drop"]);
      const ops: ChainOp[] = [...insert("ip theirs FORWARD", "udp dport 5555"), { kind: "delete-rule", chain: "ip theirs FORWARD", handle: 4711 }];
      await assert.rejects(chains.apply(ops));
      await assert.rejects(chains.apply(insert("ip theirs NOWHERE", "udp dport 5555")));
      assert.equal((await only(chains)).rules.length, 1);
    },
  },
  {
    name: "has nothing to do once it is done",
    async run({ chains, own }) {
      await own(forward, ["jump sub", "drop"]);
      const plan = { wanted: bodies["ip"]!, owns: all, behind: ({ verdict }: { verdict?: string }) => verdict === "jump sub" };
      await chains.apply(diffAccepts(await only(chains), plan));
      assert.deepEqual(diffAccepts(await only(chains), plan), []);
    },
  },
];
