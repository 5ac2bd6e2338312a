import { createHash } from "node:crypto";
import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import type { Address } from "@sdn-tunnel/common/net/address";
import { rangeOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import { readObjects } from "@sdn-tunnel/common/netfilter/objects";

const NAME = "sdn_proxy";
const TABLE = `arp ${NAME}`;

/** What the node's own networks are told of virtual addresses. */
export interface ArpRules {
  /**
   * Keeps the addresses of exactly these prefixes out of ARP.
   *
   * @param own this node's own mesh address of IPv4
   */
  ensure(prefixes: readonly Prefix[], own: Address | undefined): Promise<void>;
}

/**
 * The rules by nft(8), in a table of their own. A local route makes the node answer ARP for the whole prefix on all its
 * networks; and when the neighbour to which a reply of a virtual address goes is not known, the kernel asks for it in
 * that address's name, which OpenShift SDN's bridge drops. arp_ignore and arp_announce (ip-sysctl) would do, but for
 * all addresses of the node. IPv6 needs none: a solicitation is answered only for what a device has as its address.
 */
export class NftArpRules implements ArpRules {
  readonly #commands: CommandRunner;

  constructor(commands: CommandRunner) {
    this.#commands = commands;
  }

  async ensure(prefixes: readonly Prefix[], own: Address | undefined): Promise<void> {
    const wanted = planArp(prefixes, own);
    const held = readShape(await this.#commands.run(["nft", "-j", "list", "ruleset", "arp"]));
    if (held === shapeOf(wanted)) return;
    const anew = wanted.length === 0 ? `delete table ${TABLE}\n` : renderArp(prefixes, own);
    await this.#commands.run(["nft", "-f", "-"], { input: anew });
  }
}

/** The table as a script for `nft -f`; nothing without prefixes of IPv4. */
export function renderArp(prefixes: readonly Prefix[], own: Address | undefined): string {
  const chains = planArp(prefixes, own).map(({ name, lines }) => `  chain ${name} {\n${lines.map((line) => `    ${line}\n`).join("")}  }\n`);
  return chains.length === 0 ? "" : `add table ${TABLE}\ndelete table ${TABLE}\ntable ${TABLE} {\n${chains.join("")}}\n`;
}

interface Chain {
  readonly name: string;
  /** The hook, then the rules. */
  readonly lines: readonly string[];
}

function planArp(prefixes: readonly Prefix[], own: Address | undefined): Chain[] {
  const v4 = prefixes.filter((prefix) => rangeOf(prefix).family === 4).toSorted();
  if (v4.length === 0) return [];
  const any = `{ ${v4.join(", ")} }`;
  const at = (hook: string, rule: string): Chain => ({ name: hook, lines: [`type filter hook ${hook} priority 0; policy accept;`, rule] });
  const chains = [at("input", `arp operation request arp daddr ip ${any} drop`)];
  if (own !== undefined) chains.push(at("output", `arp operation request arp saddr ip ${any} arp saddr ip set ${own}`));
  // An empty chain, whose name tells what the table was made from: nft prints rules differently from release to release.
  const digest = createHash("sha256").update(JSON.stringify(chains)).digest("hex").slice(0, 8);
  return [...chains, { name: `of_${digest}`, lines: [] }];
}

/** What is compared: chains with their numbers of rules, as text. */
const shapeOf = (chains: readonly Chain[]): string => chains.map(({ name, lines }) => `${name} ${Math.max(0, lines.length - 1)}`).toSorted().join();

function readShape(json: string): string {
  const objects = readObjects(json, "ruleset arp") as readonly { chain?: { table: string; name: string }; rule?: { table: string; chain: string } }[];
  const rules = objects.flatMap(({ rule }) => (rule?.table === NAME ? [rule.chain] : []));
  const chains = objects.flatMap(({ chain }) => (chain?.table === NAME ? [chain.name] : []));
  return chains.map((name) => `${name} ${rules.filter((chain) => chain === name).length}`).toSorted().join();
}
