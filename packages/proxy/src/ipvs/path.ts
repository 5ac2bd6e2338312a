import type { Chain } from "@sdn-tunnel/common/netfilter/chain";
import { isIptablesInput } from "./input.ts";

/** What is looked at on the node. */
export interface PathFacts {
  /** All chains of nftables. */
  readonly chains: readonly Chain[];
  /** Names of the node's devices. */
  readonly devices: readonly string[];
  /** Tables of iptables-legacy (`/proc/net/ip_tables_names`, `ip6_tables_names`). */
  readonly legacyTables: readonly string[];
}

/** Devices of those who delete every virtual service that is not theirs. */
const cleaners: Readonly<Record<string, string>> = { "kube-ipvs0": "kube-proxy in IPVS mode", "kube-dummy-if": "kube-router" };

/** Says why connections by IPVS would not get through this node, or its services not stay; `undefined` when all is well. */
export function obstacleToIpvs({ chains, devices, legacyTables }: PathFacts): string | undefined {
  const cleaner = devices.find((device) => Object.hasOwn(cleaners, device));
  if (cleaner !== undefined) return `${cleaners[cleaner]} was here (device ${cleaner}), which deletes virtual services of others`;
  const drop = chains.find((chain) => isDropping(chain) && !isIptablesInput(chain));
  if (drop) return `chain ${drop.family} ${drop.table} ${drop.name} drops what comes in, and no accept of ours overrules that`;
  if (legacyTables.includes("filter")) return "iptables-legacy has a table filter, which may drop what comes in";
  return undefined;
}

/** firewalld accepts by policy, and refuses by its last rule. */
const isDropping = ({ hook, policy, table }: Chain): boolean => hook === "input" && (policy === "drop" || table === "firewalld");
