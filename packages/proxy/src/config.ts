import { flagOf, hostCommand, parseFlags } from "@sdn-tunnel/common/daemon/flags";
import { completeHostFlags } from "@sdn-tunnel/common/daemon/host-config";
import type { HostConfig } from "@sdn-tunnel/common/daemon/host-config";
import { ports } from "@sdn-tunnel/common/daemon/ports";
import { parseBackendChoice } from "./choose.ts";
import type { BackendChoice } from "./choose.ts";

export interface ProxyConfig extends HostConfig {
  readonly backend: BackendChoice;
}

/**
 * Parses the command line.
 *
 * @throws {CommonError} INVALID_FLAGS with every contradiction found
 */
export function parseConfig(args: readonly string[]): ProxyConfig {
  const command = hostCommand({
    name: "sdn-proxyd",
    description: "service proxy: balances connections to Services of remote clusters",
    http: `127.0.0.1:${ports.proxyHttp}`,
  }).option("--backend <name>", "auto, ipvs or nftables", flagOf(parseBackendChoice), "auto");
  return completeHostFlags("sdn-proxyd", parseFlags(command, args));
}
