import type { Condition } from "@sdn-tunnel/common/daemon/status";
import { chainKey, showChainOp } from "@sdn-tunnel/common/netfilter/chain";
import type { Chain, ChainOp } from "@sdn-tunnel/common/netfilter/chain";
import { planAccepts } from "./plan.ts";
import type { AcceptContext } from "./plan.ts";

const lost = ({ hook }: Chain): string =>
  hook === "forward" ? "requests from remote pods to pods of this node" : "WireGuard's packets, and requests and probes from remote pods to this node";

/** A chain of somebody else that refuses by default and is not opened, with what the operator can do about it. */
export function explainDrop(chain: Chain, why: string, context: AcceptContext): Condition {
  const what = `it refuses by default and ${why}: ${lost(chain)} may be lost`;
  const add = remedy(chain, context);
  return { object: `chain ${chainKey(chain)}`, type: "ForeignDrop", message: add === "" ? what : `${what}; add: ${add}` };
}

/** firewalld's chains are best changed through it: newer releases let nobody else. */
function remedy(chain: Chain, context: AcceptContext): string {
  if (chain.table === "firewalld")
    return `firewall-cmd --permanent --zone=trusted --add-interface=sdn-wg-a; firewall-cmd --permanent --add-port=${context.listenPort}/udp; firewall-cmd --reload`;
  const ops = planAccepts(chain, context, 0).map((body): ChainOp => ({ kind: "insert-rule", chain: chainKey(chain), body }));
  return ops.map((op) => `nft '${showChainOp(op)}'`).join("; ");
}

export function explainLegacy({ listenPort }: AcceptContext): Condition {
  const rule = "-m comment --comment sdn-tunnel -j ACCEPT";
  const message =
    "it has a table filter here, which nft cannot read: if FORWARD or INPUT refuses by default, add: " +
    `iptables-legacy -I FORWARD -i sdn-wg+ ${rule}; iptables-legacy -I FORWARD -o sdn-wg+ ${rule}; ` +
    `iptables-legacy -I INPUT -i sdn-wg+ ${rule}; iptables-legacy -I INPUT -p udp --dport ${listenPort} ${rule}; and the same by ip6tables-legacy`;
  return { object: "iptables-legacy", type: "LegacyFirewall", message };
}

export const explainUnreadable = (reason: string): Condition => ({
  object: "nftables",
  type: "FirewallUnknown",
  message: `the chains of others cannot be read: ${reason}`,
});
