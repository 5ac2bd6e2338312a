import { reachedPrefixes } from "@sdn-tunnel/common/admit/clusters";
import { removalGate } from "@sdn-tunnel/common/admit/removal";
import type { Refusal } from "@sdn-tunnel/common/admit/refusal";
import type { ClusterView } from "@sdn-tunnel/common/admit/view";
import type { Address } from "@sdn-tunnel/common/net/address";
import { containsAddress } from "@sdn-tunnel/common/net/overlap";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { Restraint } from "../services/restrain.ts";

/** What remote clusters may have on this node. */
export interface Claims {
  /** Clusters whose Services are applied. */
  readonly inForce: ReadonlySet<string>;
  /** Their service prefixes, as we reach them. */
  readonly prefixes: ReadonlySet<Prefix>;
  readonly restraint: Restraint;
}

/**
 * Judges the claims of all clusters on this node.
 *
 * @param refused clusters that would cut this node off: nothing of them is applied, and what there is goes at once
 * @param sinceStartMs milliseconds since this process started
 */
export function judgeClaims(clusters: Iterable<ClusterView>, refused: readonly Refusal[], sinceStartMs: number): Claims {
  const all = [...clusters];
  const cutOff = new Set(refused.map(({ cluster }) => cluster));
  const inForce = all.filter(({ name, local }) => !local && !cutOff.has(name));
  const frozen = all.filter(({ local, config }) => !local && config.paused).flatMap(({ config }) => reachedPrefixes(config));
  const harmful = all.filter(({ name }) => cutOff.has(name)).flatMap(({ config }) => reachedPrefixes(config));
  const gate = removalGate(all, sinceStartMs);
  return {
    inForce: new Set(inForce.map(({ name }) => name)),
    prefixes: new Set(inForce.flatMap(({ config }) => config.serviceCIDRs.map(({ as }) => as))),
    restraint: { frozen: isIn(frozen), removable: (address) => isIn(harmful)(address) || gate(address) },
  };
}

const isIn = (prefixes: readonly Prefix[]) => (address: Address): boolean => prefixes.some((prefix) => containsAddress(prefix, address));
