/**
 * Servers with more targets than this get a chain of their own instead of one element per target. The layout grows
 * with its square, and has to fit into one message of 400 kB: all that a user namespace may send (netlink(7)).
 */
export const FLAT_LIMIT = 32;

interface LayoutSet {
  readonly name: string;
  /** Type and flags as in nft(8). */
  readonly spec: string;
  readonly kind: "set" | "map";
}

interface LayoutChain {
  readonly name: string;
  /** Of a base chain: type, hook, priority. */
  readonly hook?: string;
  readonly rules: readonly string[];
}

export interface Layout {
  readonly sets: readonly LayoutSet[];
  readonly chains: readonly LayoutChain[];
}

/**
 * The part of the table that no Service changes. `svc` leads from a server's socket to `n<K>`, which draws one of
 * `e0` to `e<K-1>`; `e<i>` looks the socket up in `ep<i>`. So a change of a server is a few elements, whatever the
 * number of servers; a chain per server would make every commit slower with each of them.
 */
export function createLayout(): Layout {
  const families = [
    { f: "4", ip: "ip", type: "ipv4_addr", echo: "icmp type echo-request" },
    { f: "6", ip: "ip6", type: "ipv6_addr", echo: "icmpv6 type echo-request" },
  ] as const;
  const indexes = Array.from({ length: FLAT_LIMIT }, (_, i) => i);
  const socket = (ip: string): string => `${ip} daddr . meta l4proto . th dport`;
  const sets = families.flatMap(({ f, type }): LayoutSet[] => [
    { kind: "set", name: `cidrs${f}`, spec: `type ${type}; flags interval;` },
    { kind: "map", name: `svc${f}`, spec: `type ${type} . inet_proto . inet_service : verdict;` },
    ...indexes.map((i) => ({
      kind: "map" as const,
      name: `ep${f}_${i}`,
      spec: `type ${type} . inet_proto . inet_service : ${type} . inet_service;`,
    })),
  ]);
  const draws = families.flatMap(({ f, ip }): LayoutChain[] => [
    ...indexes.map((i) => ({
      name: `e${f}_${i}`,
      // A packet that read K before a commit and looks up target K-1 after it finds none: it takes the first one.
      rules: [
        `meta l4proto { tcp, udp, sctp } dnat ${ip} addr . port to ${socket(ip)} map @ep${f}_${i}`,
        ...(i > 0 ? [`goto e${f}_0`] : []),
      ],
    })),
    ...indexes.map((i) => ({ name: `n${f}_${i + 1}`, rules: [drawRule(indexes.slice(0, i + 1).map((j) => `e${f}_${j}`))] })),
  ]);
  const balance = families.flatMap(({ f, ip, echo }) => [
    `${socket(ip)} vmap @svc${f}`,
    // Service prefixes never go on the wire: the node itself answers a ping, as it does for a local address.
    `${echo} ${ip} daddr @cidrs${f} redirect`,
  ]);
  // Behind the translation, whatever still goes to a service prefix met no server.
  const guard = families.flatMap(({ f, ip }) => [
    `ct state invalid ${ip} daddr @cidrs${f} drop`,
    `ct state new ${ip} daddr @cidrs${f} jump refuse`,
  ]);
  return { sets, chains: [...draws, ...fixedChains(balance, guard)] };
}

/** Leads to one of `chains`, each with the same chance. */
export function drawRule(chains: readonly string[]): string {
  if (chains.length === 1) return `goto ${chains[0]}`;
  return `numgen random mod ${chains.length} vmap { ${chains.map((chain, i) => `${i} : goto ${chain}`).join(", ")} }`;
}

function fixedChains(balance: readonly string[], guard: readonly string[]): LayoutChain[] {
  // -110: before the hooks of kube-proxy, hostPort and NodePort rules at -100, so that none of them takes a server's
  // connection. Numbers, since nft 1.0.6 refuses the name `dstnat` on the output hook.
  const hooks = ["prerouting", "output"] as const;
  return [
    { name: "refuse", rules: ["meta l4proto tcp reject with tcp reset", "reject with icmpx type port-unreachable"] },
    { name: "balance", rules: balance },
    { name: "guard", rules: guard },
    ...hooks.map((hook) => ({ name: `nat-${hook}`, hook: `type nat hook ${hook} priority -110; policy accept;`, rules: ["jump balance"] })),
    ...hooks.map((hook) => ({ name: `guard-${hook}`, hook: `type filter hook ${hook} priority -90; policy accept;`, rules: ["jump guard"] })),
  ];
}
