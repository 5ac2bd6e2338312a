import { ports } from "@sdn-tunnel/common/daemon/ports";
import { familyOf } from "@sdn-tunnel/common/net/address";
import type { Address, Family } from "@sdn-tunnel/common/net/address";
import { rangeOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";

/** What the packet rules are made from. */
export interface PacketContext {
  /** Pod addresses behind this node. */
  readonly localPrefixes: readonly Prefix[];
  /** Pod addresses of all remote clusters in force. */
  readonly remotePrefixes: readonly Prefix[];
  /** This node's own addresses inside its prefixes, at most one per family. */
  readonly ownAddresses: readonly Address[];
  /** Of the WireGuard device, bytes. */
  readonly mtu: number;
}

/** Bytes of an IP header and a TCP header without options. */
const HEADERS: Record<Family, number> = { 4: 40, 6: 60 };

/**
 * Renders the table `inet sdn_tunnel` as nft(8) reads it; equal contexts render equally, in whatever order.
 *
 * - nat, 10 before srcnat: pods keep their address in both directions, whatever masquerade rule the CNI has
 *   (`accept` would not do: later nat chains still run; a connection that has a binding is not translated again).
 *   What comes from elsewhere, such as a process bound to the node IP, gets the node's own mesh address, since
 *   the far end accepts no other source.
 * - mangle: TCP's segment size is clamped in postrouting and prerouting, since balanced traffic never passes forward.
 * - raw: what comes out of the tunnel may go to this node's own pods and addresses only; a remote cluster must not
 *   use this node as its way to somewhere else. Echo requests are accepted from the tunnel only.
 */
export function renderPackets(context: PacketContext): string {
  const chains = [...guardChains(), ...clampChains(context.mtu), ...natChain(context.ownAddresses)];
  return ["table inet sdn_tunnel {", ...sets(context), ...chains, "}", ""].join("\n");
}

function sets({ localPrefixes, remotePrefixes }: PacketContext): string[] {
  return ([4, 6] as const).flatMap((family) => [
    ...set(`local${family}`, family, localPrefixes),
    ...set(`remote${family}`, family, remotePrefixes),
  ]);
}

function set(name: string, family: Family, prefixes: readonly Prefix[]): string[] {
  const elements = outermost(prefixes.filter((prefix) => rangeOf(prefix).family === family));
  const lines = elements.length === 0 ? [] : [`    elements = { ${elements.join(", ")} }`];
  return [`  set ${name} {`, `    type ipv${family}_addr`, "    flags interval", ...lines, "  }"];
}

/** Interval sets refuse overlaps: a prefix inside another one is covered by it. */
function outermost(prefixes: readonly Prefix[]): Prefix[] {
  const byStart = prefixes.map((prefix) => ({ prefix, ...rangeOf(prefix) }));
  byStart.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : a.length - b.length));
  const kept: Prefix[] = [];
  let end = -1n;
  for (const { prefix, last } of byStart) {
    if (last <= end) continue;
    kept.push(prefix);
    end = last;
  }
  return kept;
}

function guardChains(): string[] {
  return chain("guard", "filter hook prerouting priority raw", [
    ...perFamily((ip, family) => `iifname "sdn-wg*" ${ip} daddr != @local${family} drop`),
    ...perFamily((ip, family) => `iifname != "sdn-wg*" ${ip} daddr @local${family} udp dport ${ports.echo} fib daddr type local drop`),
  ]).concat(
    chain("input", "filter hook input priority filter", [`iifname "sdn-wg*" udp dport ${ports.echo} accept`]),
  );
}

function clampChains(mtu: number): string[] {
  const syn = "tcp flags & (syn | rst) == syn";
  return [
    ...chain("clamp-out", "filter hook postrouting priority mangle", [`oifname "sdn-wg*" ${syn} tcp option maxseg size set rt mtu`]),
    ...chain(
      "clamp-in",
      "filter hook prerouting priority mangle",
      ([4, 6] as const).map(
        (family) => `iifname "sdn-wg*" meta nfproto ipv${family} ${syn} tcp option maxseg size set ${mtu - HEADERS[family]}`,
      ),
    ),
  ];
}

function natChain(ownAddresses: readonly Address[]): string[] {
  const own = ownAddresses.toSorted().map((address) => {
    const [family, ip] = familyOf(address) === 4 ? [4, "ip"] : [6, "ip6"];
    return `oifname "sdn-wg*" ${ip} saddr != @local${family} ${ip} daddr @remote${family} snat ${ip} to ${address}`;
  });
  return chain("exempt", "nat hook postrouting priority srcnat - 10", [
    ...perFamily((ip, family) => `${ip} saddr @local${family} ${ip} daddr @remote${family} snat ${ip} to ${ip} saddr`),
    ...perFamily((ip, family) => `${ip} saddr @remote${family} ${ip} daddr @local${family} snat ${ip} to ${ip} saddr`),
    ...own,
  ]);
}

function chain(name: string, hook: string, rules: readonly string[]): string[] {
  return [`  chain ${name} {`, `    type ${hook}; policy accept;`, ...rules.map((rule) => `    ${rule}`), "  }"];
}

const perFamily = (rule: (ip: "ip" | "ip6", family: Family) => string): string[] => [rule("ip", 4), rule("ip6", 6)];
