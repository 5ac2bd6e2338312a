import { flagOf, hostCommand, parseFlags } from "@sdn-tunnel/common/daemon/flags";
import { parseSocketAddress, showSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { SocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { LogLevel } from "@sdn-tunnel/common/daemon/log";
import { ports } from "@sdn-tunnel/common/daemon/ports";
import { CommonError, messageOf } from "@sdn-tunnel/common/errors";
import type { Problem } from "@sdn-tunnel/common/errors";
import { labelField, subdomainField } from "@sdn-tunnel/common/mesh/fields";
import { familyOf, parseAddress } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";
import { containsAddress } from "@sdn-tunnel/common/net/overlap";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import { parseBackendChoice } from "./choose.ts";
import type { BackendChoice } from "./choose.ts";

export interface ProxyConfig {
  readonly source: string;
  readonly clusterName: string;
  readonly nodeName: string;
  readonly runDir: string;
  readonly stateDir: string;
  readonly http: SocketAddress;
  readonly logLevel: LogLevel;
  readonly backend: BackendChoice;
  readonly nodeIPs: readonly Address[];
  readonly subnets: readonly Prefix[];
  readonly addresses: readonly Address[];
  readonly dryRun: boolean;
  readonly cleanup: boolean;
  readonly skipLifeline: boolean;
}

const defaultHttp = { host: parseAddress("127.0.0.1"), port: ports.proxyHttp };

/**
 * Parses the command line.
 *
 * @throws {CommonError} INVALID_FLAGS with every contradiction found
 */
export function parseConfig(args: readonly string[]): ProxyConfig {
  const command = hostCommand({
    name: "sdn-proxyd",
    description: "service proxy: balances connections to Services of remote clusters",
    http: showSocketAddress(defaultHttp),
  }).option("--backend <name>", "auto, ipvs or nftables", flagOf(parseBackendChoice), "auto");
  const { http, nodeIp, nodeSubnet, address, unsafeSkipLifeline, ...flags } = parseFlags(command, args);
  const problems: Problem[] = [];
  const config: ProxyConfig = {
    ...flags,
    http: parseHttp(http, problems),
    nodeIPs: nodeIp,
    subnets: nodeSubnet,
    addresses: address,
    skipLifeline: unsafeSkipLifeline,
  };
  problems.push(...problemsOf(config));
  if (problems.length > 0) throw new CommonError({ code: "INVALID_FLAGS", command: "sdn-proxyd", problems });
  return config;
}

function problemsOf({ clusterName, nodeName, subnets, addresses, dryRun, cleanup }: ProxyConfig): Problem[] {
  const problems: Problem[] = [];
  const names = [
    { path: "--cluster-name", value: clusterName, field: labelField },
    { path: "--node-name", value: nodeName, field: subdomainField },
  ];
  for (const { path, value, field } of names) {
    const issue = field.safeParse(value).error?.issues[0];
    if (issue) problems.push({ path, message: `${JSON.stringify(value)} ${issue.message}` });
  }
  for (const address of subnets.length > 0 ? addresses : [])
    if (!subnets.some((subnet) => containsAddress(subnet, address)))
      problems.push({ path: "--address", message: `${address} is in none of --node-subnet ${subnets.join(", ")}` });
  for (const family of [4, 6] as const) {
    const several = addresses.filter((address) => familyOf(address) === family);
    if (several.length > 1) problems.push({ path: "--address", message: `${several.join(" and ")} are both IPv${family}; accepted is one per family` });
  }
  if (dryRun && cleanup) problems.push({ path: "--cleanup", message: "cannot be combined with --dry-run" });
  return problems;
}

function parseHttp(text: string, problems: Problem[]): SocketAddress {
  try {
    return parseSocketAddress(text);
  } catch (error) {
    problems.push({ path: "--http", message: messageOf(error) });
    return defaultHttp;
  }
}
