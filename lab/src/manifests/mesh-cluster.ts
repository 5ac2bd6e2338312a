import { API_VERSION } from "@sdn-tunnel/common/mesh/mesh-cluster";
import type { Mapping } from "@sdn-tunnel/common/net/translate";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { ClusterPlan } from "../topology/addresses.ts";
import { both } from "../topology/dual.ts";

export interface MeshClusterOptions {
  readonly name: string;
  readonly podCIDRs: readonly (Prefix | string)[];
  readonly serviceCIDRs: readonly (Partial<Mapping> | { readonly cidr: string; readonly as?: string })[];
  /** The remote cluster's folder; absent on the local entry. */
  readonly directory?: string;
  readonly deadAfter?: string;
}

/** A MeshCluster as an admin writes it. */
export function renderMeshCluster({ name, podCIDRs, serviceCIDRs, directory, deadAfter }: MeshClusterOptions) {
  return {
    apiVersion: API_VERSION,
    kind: "MeshCluster",
    metadata: { name },
    spec: {
      podCIDRs: podCIDRs.map((cidr) => ({ cidr })),
      serviceCIDRs,
      ...(directory === undefined ? {} : { source: { directory } }),
      ...(deadAfter === undefined ? {} : { deadAfter }),
    },
  };
}

/** The entry of the cluster whose folder it stands in. */
export function localEntry(cluster: ClusterPlan): MeshClusterOptions {
  return {
    name: cluster.name,
    podCIDRs: both(cluster.podCIDRs),
    serviceCIDRs: both(cluster.serviceCIDRs).map((cidr) => ({ cidr })),
  };
}

/** The entry of another cluster, whose service prefixes are equal to ours and so are reached under others. */
export function remoteEntry(cluster: ClusterPlan, directory: string, deadAfter?: string): MeshClusterOptions {
  const [v4, v6] = both(cluster.mappedServiceCIDRs);
  return {
    ...localEntry(cluster),
    serviceCIDRs: [
      { cidr: cluster.serviceCIDRs.v4, as: v4 },
      { cidr: cluster.serviceCIDRs.v6, as: v6 },
    ],
    directory,
    ...(deadAfter === undefined ? {} : { deadAfter }),
  };
}
