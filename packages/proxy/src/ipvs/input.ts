import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { rangeOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";

/** Accept rules for service prefixes in the INPUT chains of others, which IPVS traffic has to pass. */
export interface InputRules {
  /** Makes them those of exactly these prefixes, in each chain that drops by default. */
  ensure(prefixes: readonly Prefix[]): Promise<void>;
}

/** Comment that marks a rule of ours in a chain of others. */
const TAG = "sdn-tunnel";

interface Rule {
  readonly handle: number;
  readonly prefix: Prefix;
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
    for (const { family, table, name, policy } of chains.filter(isIptablesInput)) {
      const listing = await this.#commands.run(["nft", "-a", "-j", "list", "chain", family, table, name]);
      const wanted = policy === "drop" ? prefixes.filter((prefix) => (rangeOf(prefix).family === 4) === (family === "ip")) : [];
      const held = readRules(listing);
      const where = `${family} ${table} ${name}`;
      const script = [
        ...wanted
          .filter((prefix) => !held.some((rule) => rule.prefix === prefix))
          .map((prefix) => `insert rule ${where} ${family} daddr ${prefix} counter accept comment "${TAG}"\n`),
        ...held.filter(({ prefix }) => !wanted.includes(prefix)).map(({ handle }) => `delete rule ${where} handle ${handle}\n`),
      ].join("");
      if (script !== "") await this.#commands.run(["nft", "-f", "-"], { input: script });
    }
  }
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

/** Our rules: those with our comment that match a destination; the same comment may mark rules of the tunnel. */
function readRules(json: string): Rule[] {
  const listing = JSON.parse(json) as { nftables: { rule?: { handle: number; comment?: string; expr: Expression[] } }[] };
  return listing.nftables.flatMap(({ rule }) => {
    const match = rule?.comment === TAG ? rule.expr.find((part) => part.match?.left?.payload?.field === "daddr")?.match : undefined;
    return rule && match ? [{ handle: rule.handle, prefix: readPrefix(match.right) }] : [];
  });
}

/** nft prints a prefix of full length as a plain address. */
function readPrefix(right: unknown): Prefix {
  const { prefix } = (typeof right === "object" ? right : {}) as { prefix?: { addr: string; len: number } };
  if (prefix) return `${prefix.addr}/${prefix.len}` as Prefix;
  return `${String(right)}/${String(right).includes(":") ? 128 : 32}` as Prefix;
}
