import { chainKey, TAG } from "./chain.ts";
import type { Chain, ChainOp, ChainRule, ForeignChain, ForeignChains } from "./chain.ts";

/** Chains of others in memory, as strict as the kernel: deleting or following a rule that is not there is refused. */
export class FakeChains implements ForeignChains {
  readonly chains = new Map<string, { chain: Chain; rules: ChainRule[] }>();
  /** Transactions that changed something. */
  writes = 0;
  /** The kernel's answer to every transaction, when it is to refuse. */
  refusal: string | undefined;
  #handle = 100;

  /** Adds a chain, or replaces its rules, as its owner would. */
  set(chain: Chain, rules: readonly ChainRule[] = []): void {
    this.chains.set(chainKey(chain), { chain, rules: [...rules] });
  }

  async list(wanted: (chain: Chain) => boolean): Promise<ForeignChain[]> {
    return [...this.chains.values()].flatMap(({ chain, rules }) => (wanted(chain) ? [{ ...chain, rules: [...rules] }] : []));
  }

  async apply(ops: readonly ChainOp[]): Promise<void> {
    if (ops.length === 0) return;
    if (this.refusal !== undefined) throw new Error(this.refusal);
    const next = new Map([...this.chains].map(([key, { chain, rules }]) => [key, { chain, rules: [...rules] }]));
    for (const op of ops) this.#run(op, next.get(op.chain)?.rules);
    for (const [key, value] of next) this.chains.set(key, value);
    this.writes += 1;
  }

  /** Bodies of our rules in a chain, in order. */
  accepts(key: string): string[] {
    return (this.chains.get(key)?.rules ?? []).flatMap(({ comment, body }) => (comment === TAG && body !== undefined ? [body] : []));
  }

  #run(op: ChainOp, rules: ChainRule[] | undefined): void {
    if (!rules) throw new Error(`Error: No such file or directory: chain ${op.chain}`);
    const wanted = op.kind === "delete-rule" ? op.handle : op.after;
    const at = wanted === undefined ? -1 : rules.findIndex(({ handle }) => handle === wanted);
    if (wanted !== undefined && at < 0) throw new Error(`Error: No such file or directory: rule with handle ${wanted}`);
    if (op.kind === "delete-rule") rules.splice(at, 1);
    else rules.splice(at + 1, 0, { handle: this.#handle++, comment: TAG, body: op.body, verdict: "accept", always: false });
  }
}
