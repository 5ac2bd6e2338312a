import { CommonError, messageOf } from "../errors.ts";
import type { Problem } from "../errors.ts";
import { labelField, subdomainField } from "../mesh/fields.ts";
import { familyOf, parseAddress } from "../net/address.ts";
import type { Address } from "../net/address.ts";
import { containsAddress } from "../net/overlap.ts";
import type { Prefix } from "../net/prefix.ts";
import type { hostCommand } from "./flags.ts";
import { parseSocketAddress } from "./listen-address.ts";
import type { SocketAddress } from "./listen-address.ts";

/** The flags of a daemon that runs on every node, as `parseFlags(hostCommand())` returns them. */
export type HostFlags = ReturnType<ReturnType<typeof hostCommand>["opts"]>;

type Renamed = "http" | "nodeIp" | "nodeSubnet" | "address" | "unsafeSkipLifeline";

/** The same once checked. */
export interface HostConfig extends Omit<HostFlags, Renamed> {
  readonly http: SocketAddress;
  readonly nodeIPs: readonly Address[];
  readonly subnets: readonly Prefix[];
  /** This node's own addresses inside its subnets, at most one per family. */
  readonly addresses: readonly Address[];
  readonly skipLifeline: boolean;
}

/**
 * Checks what the flags say together; a daemon's own flags pass through.
 *
 * @param daemon its name, for the message
 * @throws {CommonError} `INVALID_FLAGS` with every contradiction found
 */
export function completeHostFlags<F extends HostFlags>(daemon: string, flags: F): Omit<F, Renamed> & HostConfig {
  const { http, nodeIp, nodeSubnet, address, unsafeSkipLifeline, ...rest } = flags;
  const problems: Problem[] = [];
  const listen = parseHttp(http, problems);
  problems.push(...nameProblems(flags), ...addressProblems(address, nodeSubnet));
  if (flags.dryRun && flags.cleanup) problems.push({ path: "--cleanup", message: "cannot be combined with --dry-run" });
  if (problems.length > 0) throw new CommonError({ code: "INVALID_FLAGS", command: daemon, problems });
  return { ...rest, http: listen, nodeIPs: nodeIp, subnets: nodeSubnet, addresses: address, skipLifeline: unsafeSkipLifeline };
}

function nameProblems({ clusterName, nodeName }: HostFlags): Problem[] {
  const names = [
    { path: "--cluster-name", value: clusterName, field: labelField },
    { path: "--node-name", value: nodeName, field: subdomainField },
  ];
  return names.flatMap(({ path, value, field }) => {
    const issue = field.safeParse(value).error?.issues[0];
    return issue ? [{ path, message: `${JSON.stringify(value)} ${issue.message}` }] : [];
  });
}

function addressProblems(addresses: readonly Address[], subnets: readonly Prefix[]): Problem[] {
  const refuse = (message: string): Problem => ({ path: "--address", message });
  const outside = subnets.length === 0 ? [] : addresses.filter((address) => !subnets.some((subnet) => containsAddress(subnet, address)));
  const families = ([4, 6] as const).map((family) => ({ family, own: addresses.filter((address) => familyOf(address) === family) }));
  return [
    ...outside.map((address) => refuse(`${address} is in none of --node-subnet ${subnets.join(", ")}`)),
    ...families.filter(({ own }) => own.length > 1).map(({ family, own }) => refuse(`${own.join(" and ")} are both IPv${family}; accepted is one per family`)),
  ];
}

function parseHttp(text: string, problems: Problem[]): SocketAddress {
  try {
    return parseSocketAddress(text);
  } catch (error) {
    problems.push({ path: "--http", message: messageOf(error) });
    return { host: parseAddress("127.0.0.1"), port: 0 };
  }
}
