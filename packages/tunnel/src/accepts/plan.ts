import { familyOf } from "@sdn-tunnel/common/net/address";
import type { Address, Family } from "@sdn-tunnel/common/net/address";
import { prefixOf, rangeOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { Chain } from "@sdn-tunnel/common/netfilter/chain";

/** What the accept rules are made from. */
export interface AcceptContext {
  /** Pod addresses behind this node. */
  readonly local: readonly Prefix[];
  /** Pod addresses of remote clusters, as the table `inet sdn_tunnel` has them. */
  readonly remote: readonly Prefix[];
  /** This node's own addresses inside its prefixes. */
  readonly own: readonly Address[];
  /** UDP port of WireGuard. */
  readonly listenPort: number;
}

/** Pairs of a remote and a local prefix that are spelt out: every packet of the node passes the rules of a chain. */
const MOST_PAIRS = 32;

const families: Readonly<Record<string, readonly Family[]>> = { ip: [4], ip6: [6], inet: [4, 6] };

/**
 * The accept rules for a chain of somebody else that refuses by default, without counter and comment.
 *
 * They open no more than the guard of `inet sdn_tunnel` lets through: between remote pods and this node's own pods
 * in forward; in input, remote pods to the node's own mesh addresses, and WireGuard's port from anywhere, since peers
 * roam. One form each, with plain matches: iptables-nft(8) can read them, which it could not if they used sets.
 *
 * @param mostPairs past it the remote side is left out: WireGuard's AllowedIPs and the guard see to it anyway
 */
export function planAccepts({ family, hook }: Chain, context: AcceptContext, mostPairs = MOST_PAIRS): string[] {
  return (families[family] ?? []).flatMap((number) => {
    const [local, remote] = [context.local, context.remote].map((prefixes) => prefixes.filter((prefix) => rangeOf(prefix).family === number));
    const own = context.own.filter((address) => familyOf(address) === number).map((address) => prefixOf(address, number === 4 ? 32 : 128));
    if (hook === "input") return inbound(number, own, remote ?? [], mostPairs);
    return [...inbound(number, local ?? [], remote ?? [], mostPairs), ...outbound(number, local ?? [], remote ?? [], mostPairs)];
  }).concat(hook === "input" ? [`udp dport ${context.listenPort}`] : []);
}

/** Whether a rule with our comment is of this daemon; the proxy's match a destination alone. */
export const ownsAccept = (body: string): boolean => /^(?:[io]ifname "sdn-wg|udp dport )/.test(body);

function inbound(family: Family, to: readonly Prefix[], from: readonly Prefix[], mostPairs: number): string[] {
  const ip = family === 4 ? "ip" : "ip6";
  if (to.length * from.length > mostPairs) return to.map((near) => `iifname "sdn-wg*" ${ip} daddr ${near}`);
  return to.flatMap((near) => from.map((far) => `iifname "sdn-wg*" ${ip} saddr ${far} ${ip} daddr ${near}`));
}

function outbound(family: Family, from: readonly Prefix[], to: readonly Prefix[], mostPairs: number): string[] {
  const ip = family === 4 ? "ip" : "ip6";
  if (from.length * to.length > mostPairs) return from.map((near) => `oifname "sdn-wg*" ${ip} saddr ${near}`);
  return from.flatMap((near) => to.map((far) => `oifname "sdn-wg*" ${ip} saddr ${near} ${ip} daddr ${far}`));
}
