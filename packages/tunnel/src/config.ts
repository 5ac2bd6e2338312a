import { flagOf, hostCommand, parseFlags, wholeNumber } from "@sdn-tunnel/common/daemon/flags";
import { completeHostFlags } from "@sdn-tunnel/common/daemon/host-config";
import type { HostConfig } from "@sdn-tunnel/common/daemon/host-config";
import { ports } from "@sdn-tunnel/common/daemon/ports";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import type { ForeignChainsChoice } from "./accepts/keeper.ts";
import type { DriverChoice } from "./peers/driver.ts";
import type { NodeFlags } from "./publish/facts.ts";
import type { WiringChoice } from "./wiring/openshift/choose.ts";

/** The WireGuard device that is in use; a second one, `b`, exists while keys rotate. */
export const DEVICE = "sdn-wg-a";

export interface TunnelConfig extends HostConfig {
  /** Where others reach this node's WireGuard; absent: its first node IP. */
  readonly endpoint?: NodeFlags["endpoint"];
  readonly listenPort: number;
  readonly rulePreference: number;
  readonly deviceDriver: DriverChoice;
  readonly wiring: WiringChoice;
  readonly removeOriginalFlows: boolean;
  readonly foreignChains: ForeignChainsChoice;
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
    http: `127.0.0.1:${ports.tunnelHttp}`,
  })
    .option("--endpoint <host:port>", "where others reach this node's WireGuard (default: its first node IP)", flagOf(parseEndpoint))
    .option("--listen-port <port>", "UDP port of WireGuard", flagOf(wholeNumber(1, 65_535)), ports.wireguardA)
    .option("--device-driver <driver>", "whose WireGuard: auto (the kernel's where it has one), kernel, userspace", flagOf(parseDriver), "auto" as const)
    .option("--wiring <wiring>", "how pods reach the tunnel: auto (openshift-sdn where br0 carries its note), linux, openshift-sdn", flagOf(parseWiring), "auto" as const)
    .option("--foreign-chains <choice>", "what to do about chains of others that refuse the tunnel: insert accept rules, or only report", flagOf(parseForeignChains), "insert" as const)
    .option("--remove-original-flows", "remove the flows of the original project of 2018 from br0", false)
    .option("--rule-preference <n>", "preference of the routing rules", flagOf(wholeNumber(1, 32_765)), 600);
  return completeHostFlags("sdn-tunneld", parseFlags(command, args));
}

function parseWiring(text: string): WiringChoice {
  if (text !== "auto" && text !== "linux" && text !== "openshift-sdn") throw new RangeError(`accepted are auto, linux and openshift-sdn`);
  return text;
}

function parseForeignChains(text: string): ForeignChainsChoice {
  if (text !== "insert" && text !== "report") throw new RangeError(`accepted are insert and report`);
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

function parseDriver(text: string): DriverChoice {
  if (text !== "auto" && text !== "kernel" && text !== "userspace") throw new RangeError(`accepted are auto, kernel and userspace`);
  return text;
}
