import type { CommandRunner } from "../daemon/command.ts";
import { showChainOp } from "./chain.ts";
import type { Chain, ChainOp, ChainRule, ForeignChain, ForeignChains } from "./chain.ts";
import { readChains, readRules } from "./listing.ts";

/** Tables of our own. */
const own: ReadonlySet<string> = new Set(["sdn_tunnel", "sdn_proxy"]);

/** The chains of others by nft(8), which sees those of iptables-nft(8) as well. */
export class NftChains implements ForeignChains {
  readonly #commands: CommandRunner;
  readonly #comments: (chain: Chain) => Promise<ReadonlyMap<number, string>>;

  /**
   * @param comments reads comments of iptables(8) by handle, from `readComments()`: nft prints them as nothing. They
   * are what becomes of ours once somebody has saved and restored the chain.
   */
  constructor(commands: CommandRunner, comments: (chain: Chain) => Promise<ReadonlyMap<number, string>>) {
    this.#commands = commands;
    this.#comments = comments;
  }

  async list(wanted: (chain: Chain) => boolean): Promise<ForeignChain[]> {
    const chains = readChains(await this.#commands.run(["nft", "-j", "list", "chains"]));
    const found: ForeignChain[] = [];
    for (const chain of chains) {
      const { family, table, name, hook } = chain;
      if (hook === undefined || own.has(table) || !wanted(chain)) continue;
      const rules = readRules(await this.#commands.run(["nft", "-a", "-j", "list", "chain", family, table, name]));
      found.push({ ...chain, rules: await this.#withComments(chain, rules) });
    }
    return found;
  }

  async apply(ops: readonly ChainOp[]): Promise<void> {
    if (ops.length > 0) await this.#commands.run(["nft", "-f", "-"], { input: ops.map((op) => `${showChainOp(op)}\n`).join("") });
  }

  async #withComments(chain: Chain, rules: ChainRule[]): Promise<ChainRule[]> {
    // Only an accept rule in a form of ours can be ours.
    if (rules.every(({ body, comment }) => body === undefined || comment !== undefined)) return rules;
    const comments = await this.#comments(chain);
    return rules.map((rule) => {
      const comment = rule.comment ?? comments.get(rule.handle);
      return comment === undefined ? rule : { ...rule, comment };
    });
  }
}

