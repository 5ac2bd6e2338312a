import { daemonCommand, flagOf, flagsOf, wholeNumber } from "@sdn-tunnel/common/daemon/flags";
import { parseSocketAddress, showSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { SocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { ports } from "@sdn-tunnel/common/daemon/ports";
import type { Problem } from "@sdn-tunnel/common/errors";
import type { Address } from "@sdn-tunnel/common/net/address";
import { DiscoveryError } from "./errors.ts";
import { limits } from "./limits/limits.ts";

/** How names of a cluster answer while all of its nodes are silent. */
export type DeadCluster = "servfail" | "keep" | "nxdomain";

/** `none`: names outside the own zones are refused. */
type UpstreamFlag = SocketAddress | "none";

const noListeners: readonly SocketAddress[] = [];
const noUpstreams: readonly UpstreamFlag[] = [];
const parseUpstream = (text: string): UpstreamFlag => (text === "none" ? text : parseSocketAddress(text, ports.dns));

/** The command line of sdn-discoveryd. */
export const discoveryCommand = () =>
  daemonCommand({
    name: "sdn-discoveryd",
    description: "DNS server of sdn-tunnel: authoritative for cluster.<name>, forwarder for the rest",
    http: `[::]:${ports.discoveryHttp}`,
  })
    .option("--listen <address:port>", "where to answer, UDP and TCP; repeatable (default: [::]:53)", flagsOf((text) => parseSocketAddress(text, ports.dns)), noListeners)
    .option("--upstream <address[:port]>", "who is asked for all other names, or `none`; repeatable (default: /etc/resolv.conf)", flagsOf(parseUpstream), noUpstreams)
    .option("--dead-cluster <answer>", "servfail, keep or nxdomain: for names of a cluster whose nodes are all silent", flagOf(parseDeadCluster), "servfail" as DeadCluster)
    .option("--ttl <seconds>", "TTL of records, 0 to 3600", flagOf(wholeNumber(0, 3600)), 5)
    .option("--chaos-version <text>", "what version.bind says; refused when absent")
    .option("--chaos-id <text>", "what id.server says; refused when absent");

export type DiscoveryFlags = ReturnType<ReturnType<typeof discoveryCommand>["opts"]>;

/** What the machine adds to the flags. */
export interface Surroundings {
  /** Name servers in /etc/resolv.conf. */
  readonly resolvers: readonly Address[];
  /** Addresses of this machine's interfaces. */
  readonly interfaces: readonly Address[];
}

/** The configuration, complete. */
export interface DiscoveryConfig {
  readonly listen: readonly SocketAddress[];
  /** Empty: names outside the own zones are refused. */
  readonly upstreams: readonly SocketAddress[];
  readonly deadCluster: DeadCluster;
  readonly ttl: number;
  /** Addresses under which clients reach the server: what NS glue shows. */
  readonly own: readonly Address[];
}

/**
 * Completes the flags, and refuses what could not work.
 *
 * @throws {DiscoveryError} `INVALID_CONFIG` with every problem
 */
export function completeConfig(flags: Pick<DiscoveryFlags, "listen" | "upstream" | "deadCluster" | "ttl">, around: Surroundings): DiscoveryConfig {
  const listen = flags.listen.length > 0 ? flags.listen : [parseSocketAddress(`[::]:${ports.dns}`)];
  const upstreams = upstreamsOf(flags.upstream, around.resolvers);
  const problems = [...listenProblems(listen), ...upstreamProblems(flags.upstream, upstreams, { listen, around })];
  if (problems.length > 0) throw new DiscoveryError({ code: "INVALID_CONFIG", problems });
  const own = listen.flatMap(({ host }) => (isWildcard(host) ? around.interfaces : [host]));
  return { listen, upstreams, deadCluster: flags.deadCluster, ttl: flags.ttl, own: [...new Set(own)] };
}

function upstreamsOf(given: readonly UpstreamFlag[], resolvers: readonly Address[]): SocketAddress[] {
  if (given.length > 0) return given.filter((upstream) => upstream !== "none");
  return resolvers.map((host) => ({ host, port: ports.dns }));
}

function listenProblems(listen: readonly SocketAddress[]): Problem[] {
  const shown = listen.map(showSocketAddress);
  const twice = new Set(shown.filter((address, i) => shown.indexOf(address) !== i));
  return [...twice].map((address) => ({ path: "--listen", message: `${address} is given twice` }));
}

function upstreamProblems(
  given: readonly UpstreamFlag[],
  upstreams: readonly SocketAddress[],
  { listen, around }: { listen: readonly SocketAddress[]; around: Surroundings },
): Problem[] {
  const problems: Problem[] = [];
  const where = given.length > 0 ? "--upstream" : "/etc/resolv.conf";
  const refuse = (message: string): void => void problems.push({ path: where, message });
  if (given.includes("none") && given.length > 1) refuse("`none` excludes all others");
  if (upstreams.length > limits.upstreams) refuse(`${upstreams.length} upstreams, at most ${limits.upstreams} are accepted`);
  for (const upstream of upstreams)
    if (listen.some((own) => leadsTo(upstream, own, around.interfaces)))
      refuse(`${showSocketAddress(upstream)} is this server itself; name the server behind it with --upstream, or \`none\``);
  return problems;
}

function leadsTo(upstream: SocketAddress, own: SocketAddress, interfaces: readonly Address[]): boolean {
  if (upstream.port !== own.port) return false;
  if (upstream.host === own.host) return true;
  const covered = own.host === "::" || (own.host === "0.0.0.0" && !upstream.host.includes(":"));
  const local = interfaces.includes(upstream.host) || upstream.host.startsWith("127.") || upstream.host === "::1";
  return covered && local;
}

function parseDeadCluster(text: string): DeadCluster {
  if (text === "servfail" || text === "keep" || text === "nxdomain") return text;
  throw new RangeError("must be servfail, keep or nxdomain");
}

const isWildcard = (host: Address): boolean => host === "::" || host === "0.0.0.0";
