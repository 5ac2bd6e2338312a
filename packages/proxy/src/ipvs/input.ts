import { TAG } from "@sdn-tunnel/common/netfilter/chain";
import type { Chain, ForeignChain, ForeignChains } from "@sdn-tunnel/common/netfilter/chain";
import { diffAccepts } from "@sdn-tunnel/common/netfilter/diff";
import { rangeOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";

/** Accept rules for service prefixes in the INPUT chains of others, which IPVS traffic has to pass. */
export interface InputRules {
  /** Makes them those of exactly these prefixes, first in each chain that drops by default or has rules of others. */
  ensure(prefixes: readonly Prefix[]): Promise<void>;
}

/**
 * The rules in chain INPUT of the tables `filter` that iptables-nft(8) makes. A base chain of another name cannot be
 * opened: a drop of theirs overrules any accept of ours (nft(8)); `--backend auto` looks for those.
 */
export class ChainInputRules implements InputRules {
  readonly #chains: ForeignChains;

  constructor(chains: ForeignChains) {
    this.#chains = chains;
  }

  async ensure(prefixes: readonly Prefix[]): Promise<void> {
    for (const chain of await this.#chains.list(isIptablesInput))
      await this.#chains.apply(diffAccepts(chain, { wanted: wantedIn(chain, prefixes), owns: isServicePrefix }));
  }
}

/**
 * Any rule of others before ours may refuse: a REJECT at the end of a chain that accepts by policy, and kube-proxy's
 * for a NodePort without endpoints that equals a server's port.
 */
function wantedIn({ family, policy, rules }: ForeignChain, prefixes: readonly Prefix[]): string[] {
  if (policy !== "drop" && rules.every(({ comment }) => comment === TAG)) return [];
  return prefixes.filter((prefix) => (rangeOf(prefix).family === 4) === (family === "ip")).map((prefix) => `${family} daddr ${prefix}`);
}

/** The tunnel's rules have the same comment, and name a device or a port as well. */
const isServicePrefix = (body: string): boolean => /^ip6? daddr \S+$/.test(body);

/** A chain INPUT that iptables-nft(8) made. */
export const isIptablesInput = ({ family, table, name, hook }: Chain): boolean =>
  (family === "ip" || family === "ip6") && table === "filter" && name === "INPUT" && hook === "input";
