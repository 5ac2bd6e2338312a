import type { ClusterPlan } from "./addresses.ts";
import { joinLayouts } from "./layout.ts";
import type { Layout } from "./layout.ts";
import { layoutNode } from "./nodes.ts";
import { layoutPod } from "./pods.ts";
import { layoutNodeNetwork, layoutUnderlay } from "./underlay.ts";

/** Everything that `clusters` consist of. */
export function planLayout(clusters: readonly ClusterPlan[]): Layout {
  return joinLayouts([layoutUnderlay(), ...clusters.flatMap(layoutsOf)]);
}

function layoutsOf(cluster: ClusterPlan): Layout[] {
  const pods = cluster.pods.map((pod) => layoutPod(cluster, cluster.nodes.find(({ name }) => name === pod.node)!, pod));
  return [layoutNodeNetwork(cluster), ...cluster.nodes.map((node) => layoutNode(cluster, node)), ...pods];
}
