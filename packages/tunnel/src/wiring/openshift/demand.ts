import type { ClusterView } from "@sdn-tunnel/common/admit/view";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { Situation } from "../../situation.ts";

/** What the mesh asks of the bridge. */
export interface FlowDemand {
  readonly remotePods: readonly Prefix[];
  readonly remoteServices: readonly Prefix[];
  readonly localPods: readonly Prefix[];
  readonly mayRemove: (prefix: Prefix) => boolean;
}

/** Pods and Services of every cluster in force, under the prefixes by which they are reached here. */
export function flowDemand({ own, inForce, mayRemove }: Situation, clusters: ReadonlyMap<string, ClusterView>): FlowDemand {
  const remotes = [...clusters.values()].filter(({ name }) => inForce.has(name));
  return {
    remotePods: remotes.flatMap(({ config }) => config.podCIDRs.map(({ as }) => as)),
    remoteServices: remotes.flatMap(({ config }) => config.serviceCIDRs.map(({ as }) => as)),
    localPods: own.subnets,
    mayRemove,
  };
}
