import type { Condition } from "@sdn-tunnel/common/daemon/status";
import { messageOf } from "@sdn-tunnel/common/errors";
import { chainKey, refusesByDefault } from "@sdn-tunnel/common/netfilter/chain";
import type { Chain, ChainOp, ForeignChain, ForeignChains } from "@sdn-tunnel/common/netfilter/chain";
import { diffAccepts } from "@sdn-tunnel/common/netfilter/diff";
import { Remembered } from "@sdn-tunnel/common/netfilter/remembered";
import type { Ruleset } from "@sdn-tunnel/common/netfilter/ruleset";
import type { Transaction } from "@sdn-tunnel/common/netfilter/transaction";
import { explainDrop, explainLegacy, explainUnreadable } from "./explain.ts";
import { ownsAccept, planAccepts } from "./plan.ts";
import type { AcceptContext } from "./plan.ts";
import { enforcesPolicy, isPolicyItself } from "./policies.ts";

/** `--foreign-chains`: rules of ours are inserted, or the operator is told what to insert. */
export type ForeignChainsChoice = "insert" | "report";

export interface AcceptKeeperNeeds {
  readonly chains: ForeignChains;
  readonly ruleset: Ruleset;
  readonly choice: ForeignChainsChoice;
  /** Tables of iptables-legacy. */
  readonly legacyTables: () => Promise<readonly string[]>;
  /** Told what was changed in a chain, and how many of these rules had stood there and were lost. */
  readonly applied: (chain: string, ops: readonly ChainOp[], lost: number) => void;
}

/** A chain, what is wanted in it, and what is to be done. */
interface ChainPlan {
  readonly chain: ForeignChain;
  readonly wanted: readonly string[];
  readonly ops: readonly ChainOp[];
  /** Why it stays closed; absent when it does not. */
  readonly closed?: string;
}

/** What our own transactions on them are called. */
const WHAT = "chains of others";

/** Keeps our accept rules in the chains of others: an accept in a chain of our own overrules no drop of theirs (nft(8)). */
export class AcceptKeeper {
  readonly #needs: AcceptKeeperNeeds;
  readonly #listed: Remembered<readonly ForeignChain[]>;
  #chains: ReadonlySet<string> = new Set();
  /** Bodies that stood in their place when we last looked, by chain. */
  readonly #standing = new Map<string, ReadonlySet<string>>();
  #conditions: readonly Condition[] = [];

  constructor(needs: AcceptKeeperNeeds) {
    this.#needs = needs;
    this.#listed = new Remembered(needs.ruleset, (change) => ("own" in change ? change.own === WHAT : this.concerns(change.told)), () => needs.chains.list(isFilter));
  }

  /** Chains that stay closed to the tunnel, as far as the last look showed. */
  get conditions(): readonly Condition[] {
    return this.#conditions;
  }

  /** Whether a transaction may have undone what we wrote, or brought a chain that we have to open. */
  concerns({ baseChains, chains }: Transaction): boolean {
    return baseChains || chains.intersection(this.#chains).size > 0;
  }

  /** Brings the rules into every chain that needs them, and takes them out of all others. What fails is a condition. */
  async ensure(context: AcceptContext): Promise<void> {
    const conditions: Condition[] = [];
    for (const plan of await this.#plan(context, conditions)) {
      const refusal = await this.#apply(plan);
      if (refusal !== undefined) conditions.push(explainDrop(plan.chain, `takes no rule of ours (${refusal})`, context));
    }
    this.#conditions = conditions;
  }

  /** What `ensure()` would apply. */
  async plan(context: AcceptContext): Promise<ChainOp[]> {
    const conditions: Condition[] = [];
    const plans = await this.#plan(context, conditions);
    this.#conditions = conditions;
    return plans.flatMap(({ ops }) => ops);
  }

  /** Takes all our rules out. */
  async remove(): Promise<void> {
    for (const chain of await this.#needs.chains.list(isFilter))
      await this.#needs.chains.apply(diffAccepts(chain, { wanted: [], owns: ownsAccept }));
    this.#standing.clear();
  }

  /** @returns why it was refused */
  async #apply({ chain, wanted, ops }: ChainPlan): Promise<string | undefined> {
    const key = chainKey(chain);
    try {
      if (ops.length > 0) await this.#needs.ruleset.transact(WHAT, () => this.#needs.chains.apply(ops));
    } catch (error) {
      this.#listed.drop();
      return messageOf(error);
    }
    const lost = ops.filter((op) => op.kind === "insert-rule" && this.#standing.get(key)?.has(op.body)).length;
    this.#standing.set(key, new Set(wanted));
    if (ops.length > 0) this.#needs.applied(key, ops, lost);
    return undefined;
  }

  async #plan(context: AcceptContext, conditions: Condition[]): Promise<readonly ChainPlan[]> {
    try {
      if ((await this.#needs.legacyTables()).includes("filter")) conditions.push(explainLegacy(context));
      const chains = await this.#listed.get();
      this.#chains = new Set(chains.map(chainKey));
      const plans = chains.map((chain) => planChain(chain, context, this.#needs.choice));
      for (const { chain, closed } of plans) if (closed !== undefined) conditions.push(explainDrop(chain, closed, context));
      return plans;
    } catch (error) {
      conditions.push(explainUnreadable(messageOf(error)));
      return [];
    }
  }
}

function planChain(chain: ForeignChain, context: AcceptContext, choice: ForeignChainsChoice): ChainPlan {
  const refuses = refusesByDefault(chain);
  if (choice === "report") {
    // What an operator typed is left to the operator, although it has our comment: we said to give it one.
    const open = !refuses || chain.rules.some(({ body }) => body?.includes('iifname "sdn-wg'));
    return { chain, wanted: [], ops: [], ...(open ? {} : { closed: "has no rule for the tunnel" }) };
  }
  const wanted = refuses && !isPolicyItself(chain) ? planAccepts(chain, context) : [];
  return { chain, wanted, ops: diffAccepts(chain, { wanted, owns: ownsAccept, behind: enforcesPolicy }) };
}

/** Chains through which a packet comes to this node or its pods; bridge and netdev chains see others. */
const isFilter = ({ family, type, hook }: Chain): boolean =>
  ["ip", "ip6", "inet"].includes(family) && type === "filter" && (hook === "forward" || hook === "input");
