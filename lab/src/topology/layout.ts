/** Where a machine's programs find their name servers: resolv.conf(5). */
export interface ResolvConf {
  readonly nameservers: readonly string[];
  readonly searches?: readonly string[];
  readonly ndots?: number;
}

/** A network namespace with its own mounts: a node, a pod, the router, … */
export interface MachinePlan {
  readonly name: string;
  readonly sysctls: readonly string[];
  readonly resolv: ResolvConf;
}

/** A pair of veth devices, each end in the machine that is named. */
export interface CablePlan {
  readonly ends: readonly [CableEnd, CableEnd];
}
export interface CableEnd {
  readonly machine: string;
  readonly device: string;
}

/** What is done inside a machine once its cables are there. */
export interface SetupPlan {
  readonly machine: string;
  /** Lines for `ip -batch`. */
  readonly ip: readonly string[];
  /** Text for `nft -f`, or nothing. */
  readonly nft?: string;
  /** Shell lines that come last. */
  readonly commands?: readonly string[];
}

/** A part of the lab, ready to be built: machines, then cables, then set-up, each in parallel. */
export interface Layout {
  readonly machines: readonly MachinePlan[];
  readonly cables: readonly CablePlan[];
  readonly setups: readonly SetupPlan[];
}

/** Puts parts together, so that each machine is set up by one script; lines of one machine keep their order. */
export function joinLayouts(parts: readonly Layout[]): Layout {
  const setups = Map.groupBy(parts.flatMap((part) => part.setups), ({ machine }) => machine);
  return {
    machines: parts.flatMap(({ machines }) => machines),
    cables: parts.flatMap(({ cables }) => cables),
    setups: [...setups].map(([machine, all]) => {
      const nft = all.flatMap((setup) => setup.nft ?? []).join("\n");
      const commands = all.flatMap((setup) => setup.commands ?? []);
      return { machine, ip: all.flatMap(({ ip }) => ip), ...(nft === "" ? {} : { nft }), ...(commands.length === 0 ? {} : { commands }) };
    }),
  };
}

/** The text of resolv.conf(5). */
export function renderResolvConf({ nameservers, searches = [], ndots }: ResolvConf): string {
  return [
    ...nameservers.map((server) => `nameserver ${server}\n`),
    ...(searches.length > 0 ? [`search ${searches.join(" ")}\n`] : []),
    ...(ndots === undefined ? [] : [`options ndots:${ndots}\n`]),
  ].join("");
}

/** Sysctls of a machine that only sends and receives: IPv6 on, nothing learnt from routers, no address under test. */
export const HOST_SYSCTLS: readonly string[] = ["all", "default", "lo"].flatMap((device) => [
  `net/ipv6/conf/${device}/disable_ipv6=0`,
  `net/ipv6/conf/${device}/accept_dad=0`,
  `net/ipv6/conf/${device}/accept_ra=0`,
  `net/ipv4/conf/${device}/accept_redirects=0`,
  `net/ipv6/conf/${device}/accept_redirects=0`,
]);

/** No limit on ICMP errors, so that what has no route fails at once each time, and not only the first. */
export const PROMPT_REFUSALS: readonly string[] = ["net/ipv4/icmp_ratelimit=0", "net/ipv6/icmp/ratelimit=0"];

/**
 * Sysctls of a machine that forwards. `ip_forward` comes first, since its change resets others (kernel's
 * ip-sysctl). A node forwards between pods of one bridge, which must not be told to talk directly.
 *
 * @param rpFilter 1 strict, 0 off
 */
export const routerSysctls = (rpFilter: 0 | 1): readonly string[] => [
  "net/ipv4/ip_forward=1",
  "net/ipv6/conf/all/forwarding=1",
  "net/ipv6/conf/default/forwarding=1",
  ...HOST_SYSCTLS,
  ...["all", "default"].flatMap((device) => [
    `net/ipv4/conf/${device}/rp_filter=${rpFilter}`,
    `net/ipv4/conf/${device}/send_redirects=0`,
  ]),
];
