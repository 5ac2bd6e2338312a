import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { rangeOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";

/** Accept rules for service prefixes in the INPUT chains of others, which IPVS traffic has to pass. */
export interface InputRules {
  /** Makes them those of exactly these prefixes, first in each chain that drops by default or has rules of others. */
  ensure(prefixes: readonly Prefix[]): Promise<void>;
}

/** Comment that marks a rule of ours in a chain of others. */
const TAG = "sdn-tunnel";

interface Rule {
  readonly handle: number;
  /** Of a rule of ours. */
  readonly prefix: Prefix | undefined;
}

/**
 * The rules by nft(8), in chain INPUT of the tables `filter` that iptables-nft(8) makes. A base chain of another name
 * cannot be opened from outside: a drop of theirs overrules any accept of ours (nft(8)); `--backend auto` looks for those.
 */
export class NftInputRules implements InputRules {
  readonly #commands: CommandRunner;

  constructor(commands: CommandRunner) {
    this.#commands = commands;
  }

  async ensure(prefixes: readonly Prefix[]): Promise<void> {
    const chains = readChains(await this.#commands.run(["nft", "-j", "list", "chains"]));
    for (const chain of chains.filter(isIptablesInput)) {
      const { family, table, name } = chain;
      const rules = readRules(await this.#commands.run(["nft", "-a", "-j", "list", "chain", family, table, name]));
      const script = correct(chain, rules, prefixes);
      if (script !== "") await this.#commands.run(["nft", "-f", "-"], { input: script });
    }
  }
}

/**
 * The transaction that puts our rules where they belong. Any rule of others before them may refuse: a REJECT at the
 * end of a chain that accepts by policy, and kube-proxy's for a NodePort without endpoints that equals a server's port.
 */
function correct({ family, table, name, policy }: Chain, rules: readonly Rule[], prefixes: readonly Prefix[]): string {
  const held = rules.filter(({ prefix }) => prefix !== undefined);
  const needed = policy === "drop" || held.length < rules.length;
  const wanted = needed ? prefixes.filter((prefix) => (rangeOf(prefix).family === 4) === (family === "ip")) : [];
  const first = new Set(rules.slice(0, wanted.length).map(({ prefix }) => prefix));
  if (held.length === wanted.length && wanted.every((prefix) => first.has(prefix))) return "";
  const where = `${family} ${table} ${name}`;
  return [
    ...held.map(({ handle }) => `delete rule ${where} handle ${handle}\n`),
    ...wanted.map((prefix) => `insert rule ${where} ${family} daddr ${prefix} counter accept comment "${TAG}"\n`),
  ].join("");
}

/** A chain as `nft -j list chains` shows it (libnftables-json(5)). */
export interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
}

export function readChains(json: string): Chain[] {
  return (JSON.parse(json) as { nftables: { chain?: Chain }[] }).nftables.flatMap(({ chain }) => chain ?? []);
}

export const isIptablesInput = ({ family, table, name, hook }: Chain): boolean =>
  (family === "ip" || family === "ip6") && table === "filter" && name === "INPUT" && hook === "input";

interface Expression {
  readonly match?: { readonly left?: { readonly payload?: { readonly field: string } }; readonly right?: unknown };
}

/** Rules in order. Ours are those with our comment that match a destination; the same comment may mark rules of the tunnel. */
function readRules(json: string): Rule[] {
  const listing = JSON.parse(json) as { nftables: { rule?: { handle: number; comment?: string; expr: Expression[] } }[] };
  return listing.nftables.flatMap(({ rule }) => {
    if (!rule) return [];
    const match = rule.comment === TAG ? rule.expr.find((part) => part.match?.left?.payload?.field === "daddr")?.match : undefined;
    return [{ handle: rule.handle, prefix: match && readPrefix(match.right) }];
  });
}

/** nft prints a prefix of full length as a plain address. */
function readPrefix(right: unknown): Prefix {
  const { prefix } = (typeof right === "object" ? right : {}) as { prefix?: { addr: string; len: number } };
  if (prefix) return `${prefix.addr}/${prefix.len}` as Prefix;
  return `${String(right)}/${String(right).includes(":") ? 128 : 32}` as Prefix;
}
