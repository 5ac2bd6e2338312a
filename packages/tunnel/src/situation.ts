import { reachedPrefixes } from "@sdn-tunnel/common/admit/clusters";
import { refuseCutOffs } from "@sdn-tunnel/common/admit/lifeline";
import type { NodeNeeds } from "@sdn-tunnel/common/admit/lifeline";
import type { Refusal } from "@sdn-tunnel/common/admit/refusal";
import { removalGate } from "@sdn-tunnel/common/admit/removal";
import type { ClusterView } from "@sdn-tunnel/common/admit/view";
import { familyOf } from "@sdn-tunnel/common/net/address";
import type { Address, Family } from "@sdn-tunnel/common/net/address";
import { containsAddress, overlaps } from "@sdn-tunnel/common/net/overlap";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { OwnFacts } from "./publish/facts.ts";
import type { SecretKey } from "./keys/key.ts";

/** What a full pass found out about this node and the clusters; event passes go on from it. */
export interface Situation {
  readonly own: OwnFacts;
  /** Bytes. */
  readonly mtu: number;
  /** Remote clusters that are planned. */
  readonly inForce: ReadonlySet<string>;
  /** Remote clusters for which nothing is written, with the reason; what is there stays. */
  readonly held: ReadonlyMap<string, string>;
  /** Clusters of which nothing is applied, since this node would be cut off. */
  readonly cutOffs: ReadonlyMap<string, Refusal>;
  readonly presharedKeys: ReadonlyMap<string, SecretKey>;
  /** The prefix of a remote cluster, in force or held, that holds an address: no WireGuard endpoint may lie inside. */
  readonly routedBy: (address: Address) => Prefix | undefined;
  /** Families in which this node can send to the outside. */
  readonly families: ReadonlySet<Family>;
  /** Whether state for this prefix that nobody wants may be removed. */
  readonly mayRemove: (prefix: Prefix) => boolean;
  /** Whether every source has synced or had its time, and no cluster is held: what belongs to nobody may go. */
  readonly mayRemoveStrangers: boolean;
}

export interface SituationInput {
  readonly own: OwnFacts;
  readonly mtu: number;
  readonly clusters: ReadonlyMap<string, ClusterView>;
  readonly needs: NodeNeeds;
  /** WireGuard endpoints that are in use, with the cluster whose node is behind each. */
  readonly endpoints: readonly { readonly cluster: string; readonly address: Address }[];
  /** Preshared keys by cluster, or the reason why one cannot be used. */
  readonly presharedKeys: ReadonlyMap<string, SecretKey | string>;
  readonly sinceStartMs: number;
  readonly skipLifeline: boolean;
}

/** Judges each cluster: in force, held as it is, or refused. */
export function judgeClusters(input: SituationInput): Situation {
  const { own, mtu, clusters, presharedKeys, sinceStartMs } = input;
  const remotes = [...clusters.values()].filter(({ local }) => !local);
  const held = new Map(remotes.flatMap((cluster) => heldBecause(cluster, presharedKeys)));
  const cutOffs = new Map(remotes.filter(({ name }) => !held.has(name)).flatMap((cluster) => cutOffOf(cluster, input)));
  const inForce = new Set(remotes.map(({ name }) => name).filter((name) => !held.has(name) && !cutOffs.has(name)));
  const gate = removalGate(clusters.values(), sinceStartMs);
  const prefixesOf = (names: { has(name: string): boolean }): Prefix[] =>
    remotes.filter(({ name }) => names.has(name)).flatMap(({ config }) => reachedPrefixes(config));
  const kept = prefixesOf(held);
  const routed = [...prefixesOf(inForce), ...kept];
  const localSynced = [...clusters.values()].some(({ local, synced }) => local && synced);
  const refused = localSynced ? prefixesOf(cutOffs) : [];
  return {
    own,
    mtu,
    inForce,
    held,
    cutOffs,
    presharedKeys: new Map([...presharedKeys].flatMap(([name, key]) => (typeof key === "string" ? [] : [[name, key]]))),
    routedBy: (address) => routed.find((prefix) => containsAddress(prefix, address)),
    families: new Set(own.nodeIPs.map(familyOf)),
    mayRemove: (prefix) => {
      if (kept.some((pin) => overlaps(pin, prefix))) return false;
      return refused.some((pin) => overlaps(pin, prefix)) || gate(networkOf(prefix));
    },
    mayRemoveStrangers: held.size === 0 && localSynced && remotes.every(({ synced }) => synced),
  };
}

function heldBecause({ name, config }: ClusterView, presharedKeys: ReadonlyMap<string, SecretKey | string>): [string, string][] {
  if (config.paused) return [[name, "paused: nothing is written for it"]];
  const key = presharedKeys.get(name);
  return typeof key === "string" ? [[name, key]] : [];
}

/** An endpoint in use inside another cluster's prefix is a need of this node: its encrypted packets would loop. */
function cutOffOf(cluster: ClusterView, { needs, endpoints, skipLifeline }: SituationInput): [string, Refusal][] {
  if (skipLifeline) return [];
  const others = endpoints.filter((endpoint) => endpoint.cluster !== cluster.name);
  const addresses = [
    ...needs.addresses,
    ...others.map((endpoint) => ({ address: endpoint.address, what: `WireGuard endpoint of ${endpoint.cluster}` })),
  ];
  return refuseCutOffs([cluster], { prefixes: needs.prefixes, addresses }).map((refusal) => [cluster.name, refusal]);
}

const networkOf = (prefix: Prefix): Address => prefix.slice(0, prefix.indexOf("/")) as Address;
