import { flagOf, hostCommand, parseFlags, wholeNumber } from "@sdn-tunnel/common/daemon/flags";
import { parseSocketAddress, showSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { SocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { LogLevel } from "@sdn-tunnel/common/daemon/log";
import { ports } from "@sdn-tunnel/common/daemon/ports";
import { CommonError, messageOf } from "@sdn-tunnel/common/errors";
import type { Problem } from "@sdn-tunnel/common/errors";
import { subdomainField } from "@sdn-tunnel/common/mesh/fields";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { containsAddress } from "@sdn-tunnel/common/net/overlap";
import type { DriverChoice } from "./peers/driver.ts";
import type { NodeFlags } from "./publish/facts.ts";

/** The WireGuard device that is in use; a second one, `b`, exists while keys rotate. */
export const DEVICE = "sdn-wg-a";

export interface TunnelConfig extends NodeFlags {
  readonly source: string;
  readonly clusterName: string;
  readonly stateDir: string;
  readonly runDir: string;
  readonly http: SocketAddress;
  readonly logLevel: LogLevel;
  readonly rulePreference: number;
  readonly deviceDriver: DriverChoice;
  readonly dryRun: boolean;
  readonly cleanup: boolean;
  readonly skipLifeline: boolean;
}

/**
 * Parses the command line.
 *
 * @throws {CommonError} INVALID_FLAGS with every contradiction found
 */
export function parseConfig(args: readonly string[]): TunnelConfig {
  const command = hostCommand({
    name: "sdn-tunneld",
    description: "WireGuard mesh agent: joins this node's pods to those of other clusters",
    http: showSocketAddress({ host: parseAddress("127.0.0.1"), port: ports.tunnelHttp }),
  })
    .option("--endpoint <host:port>", "where others reach this node's WireGuard (default: its first node IP)", flagOf(parseEndpoint))
    .option("--listen-port <port>", "UDP port of WireGuard", flagOf(wholeNumber(1, 65_535)), ports.wireguardA)
    .option("--device-driver <driver>", "whose WireGuard: auto (the kernel's where it has one), kernel, userspace", flagOf(parseDriver), "auto" as const)
    .option("--rule-preference <n>", "preference of the routing rules", flagOf(wholeNumber(1, 32_765)), 600);
  const { http, nodeIp, nodeSubnet, address, unsafeSkipLifeline, endpoint, ...flags } = parseFlags(command, args);
  const problems: Problem[] = [];
  const config: TunnelConfig = {
    ...flags,
    endpoint,
    http: parseHttp(http, problems),
    nodeIPs: nodeIp,
    subnets: nodeSubnet,
    addresses: address,
    skipLifeline: unsafeSkipLifeline,
  };
  problems.push(...problemsOf(config));
  if (problems.length > 0) throw new CommonError({ code: "INVALID_FLAGS", command: "sdn-tunneld", problems });
  return config;
}

function problemsOf({ nodeName, subnets, addresses, dryRun, cleanup }: TunnelConfig): Problem[] {
  const problems: Problem[] = [];
  const name = subdomainField.safeParse(nodeName);
  if (!name.success) problems.push({ path: "--node-name", message: `${JSON.stringify(nodeName)} ${name.error.issues[0]?.message}` });
  for (const address of subnets.length > 0 ? addresses : [])
    if (!subnets.some((subnet) => containsAddress(subnet, address)))
      problems.push({ path: "--address", message: `${address} is in none of --node-subnet ${subnets.join(", ")}` });
  if (dryRun && cleanup) problems.push({ path: "--cleanup", message: "cannot be combined with --dry-run" });
  return problems;
}

function parseHttp(text: string, problems: Problem[]): SocketAddress {
  try {
    return parseSocketAddress(text);
  } catch (error) {
    problems.push({ path: "--http", message: messageOf(error) });
    return { host: parseAddress("127.0.0.1"), port: ports.tunnelHttp };
  }
}

function parseDriver(text: string): DriverChoice {
  if (text !== "auto" && text !== "kernel" && text !== "userspace") throw new RangeError(`accepted are auto, kernel and userspace`);
  return text;
}

/** `host:port` or `[v6]:port`; the host may be a name, which others resolve. */
function parseEndpoint(text: string): { host: string; port: number } {
  const [, v6, name, digits] = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port < 1 || port > 65_535)
    throw new RangeError(`Cannot parse ${JSON.stringify(text)}: accepted are "203.0.113.7:5555", "[2001:db8::7]:5555" and "vpn.example.com:5555"`);
  return { host: v6 === undefined ? (name ?? "") : parseAddress(v6), port };
}
