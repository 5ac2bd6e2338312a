import { createHash } from "node:crypto";
import { rangeOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import { familyOf } from "@sdn-tunnel/common/net/address";
import { splitServer } from "../services/server.ts";
import type { ServerKey } from "../services/server.ts";
import type { GuardChange } from "./guard.ts";

/** Family and name: the table that the nftables backend has too, so that each replaces the other's in one transaction. */
export const GUARD_TABLE = "inet sdn_proxy";

const families = [
  { f: "4", ip: "ip", type: "ipv4_addr" },
  { f: "6", ip: "ip6", type: "ipv6_addr" },
] as const;
const sets = families.flatMap(({ f, type }) => [
  `set cidrs${f} { type ${type}; flags interval; }`,
  `set svcs${f} { type ${type} . inet_proto . inet_service; }`,
]);
const nullNat = families.map(({ f, ip }) => `${ip} daddr @cidrs${f} dnat ${ip} to ${ip} daddr`);
const check = families.map(({ f, ip }) => `ct state new ${ip} daddr @cidrs${f} ${ip} daddr . meta l4proto . th dport != @svcs${f} jump refuse`);
const hooks = ["prerouting", "output"] as const;
const guarded = ["input", "output"] as const;

/** Chains with their rules; the hook stands first where there is one. */
const chains: readonly { readonly name: string; readonly hook?: string; readonly rules: readonly string[] }[] = [
  // A reset, because the kernel sends ICMP errors at a limited rate; a ping is answered by the node.
  { name: "refuse", rules: ["meta l4proto tcp reject with tcp reset", "meta l4proto { icmp, ipv6-icmp } accept", "reject with icmpx type port-unreachable"] },
  // Translated to the address that it has: bound by that, no hostPort or NodePort rule at -100 takes the connection.
  ...hooks.map((hook) => ({ name: `null-${hook}`, hook: `type nat hook ${hook} priority -110; policy accept;`, rules: nullNat })),
  ...guarded.map((hook) => ({ name: `guard-${hook}`, hook: `type filter hook ${hook} priority -10; policy accept;`, rules: check })),
];

const body = [
  ...sets,
  ...chains.map(({ name, hook, rules }) => `chain ${name} {\n${[...(hook === undefined ? [] : [hook]), ...rules].map((line) => `    ${line}\n`).join("")}  }`),
]
  .map((line) => `  ${line}\n`)
  .join("");

/** An empty chain whose name is a digest of the layout, so that another release's table is known as such. */
const marker = `ipvs_${createHash("sha256").update(body).digest("hex").slice(0, 8)}`;

/** Number of rules by chain: what is compared, since nft prints rules differently from release to release. */
export const guardChains: ReadonlyMap<string, number> = new Map([...chains.map(({ name, rules }) => [name, rules.length] as const), [marker, 0]]);

/** The change as a script for `nft -f`. */
export function renderGuard({ build = false, guard = [], unguard = [], open = [], close = [] }: GuardChange): string {
  const layout = build ? `add table ${GUARD_TABLE}\ndelete table ${GUARD_TABLE}\ntable ${GUARD_TABLE} {\n${body}  chain ${marker} {\n  }\n}\n` : "";
  return [layout, ...elements("add", guard, cidrsOf, String), ...elements("delete", close, svcsOf, socketOf), ...elements("add", open, svcsOf, socketOf), ...elements("delete", unguard, cidrsOf, String)].join("");
}

function elements<T>(verb: "add" | "delete", items: readonly T[], setOf: (item: T) => string, show: (item: T) => string): string[] {
  return [...Map.groupBy(items, setOf)].map(([set, of]) => `${verb} element ${GUARD_TABLE} ${set} { ${of.map(show).join(", ")} }\n`);
}

const cidrsOf = (prefix: Prefix): string => `cidrs${rangeOf(prefix).family}`;
const svcsOf = (key: ServerKey): string => `svcs${familyOf(splitServer(key).address)}`;

function socketOf(key: ServerKey): string {
  const { address, transport, port } = splitServer(key);
  return `${address} . ${transport} . ${port}`;
}
