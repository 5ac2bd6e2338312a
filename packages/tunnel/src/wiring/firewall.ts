import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { messageOf } from "@sdn-tunnel/common/errors";
import type { Condition } from "@sdn-tunnel/common/daemon/status";

/** A base chain as `nft -j list chains` shows it (libnftables-json(5)). */
interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
}

/** Chains of others that drop by default what is forwarded or comes in, with what the operator can do about it. */
export async function checkFirewall(commands: CommandRunner): Promise<Condition[]> {
  try {
    return await checkChains(commands);
  } catch (error) {
    return [{ object: "nftables", type: "FirewallUnknown", message: `the chains of others cannot be read: ${messageOf(error)}` }];
  }
}

async function checkChains(commands: CommandRunner): Promise<Condition[]> {
  const { nftables } = JSON.parse(await commands.run(["nft", "-j", "list", "chains"])) as { nftables: { chain?: Chain }[] };
  const conditions: Condition[] = [];
  for (const chain of droppingChains(nftables.flatMap(({ chain }) => chain ?? []))) {
    const { family, table, name } = chain;
    const text = await commands.run(["nft", "list", "chain", family, table, name]);
    // The comment alone is not enough: the proxy's rules for service prefixes have it too.
    if (!text.includes('"sdn-wg')) conditions.push(explain(chain));
  }
  return conditions;
}

/** An accept of ours does not overrule a drop of theirs: every base chain of a hook has its say (nft(8)). */
export function droppingChains(chains: readonly Chain[]): Chain[] {
  return chains.filter(
    ({ table, hook, policy }) => table !== "sdn_tunnel" && policy === "drop" && (hook === "forward" || hook === "input"),
  );
}

function explain({ family, table, name, hook }: Chain): Condition {
  const where = `chain ${family} ${table} ${name}`;
  const rule = `nft insert rule ${family} ${table} ${name} iifname "sdn-wg*" accept comment "sdn-tunnel"`;
  const lost = hook === "forward" ? "requests from remote pods to pods of this node" : "requests and probes from remote pods to this node";
  return { object: where, type: "ForeignDrop", message: `it drops by default and has no rule for the tunnel: ${lost} may be lost; add: ${rule}` };
}
