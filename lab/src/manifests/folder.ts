import { renderEndpointSlices, renderNamespace, renderNode, renderService } from "./kubernetes.ts";
import { localEntry, remoteEntry, renderMeshCluster } from "./mesh-cluster.ts";
import type { LabService } from "../services/shape.ts";
import type { ClusterPlan } from "../topology/addresses.ts";

/** Objects by the path of their file inside a cluster's folder. */
export type Folder = ReadonlyMap<string, readonly object[]>;

export interface FolderOptions {
  readonly services: readonly LabService[];
  /** The other clusters, each with its folder. */
  readonly remotes: readonly { readonly cluster: ClusterPlan; readonly directory: string }[];
  /** How long a remote cluster may be silent before its names are taken out: "5s". */
  readonly deadAfter?: string;
}

/** Everything that stands in a cluster's folder before its daemons start. */
export function planFolder(cluster: ClusterPlan, { services, remotes, deadAfter }: FolderOptions): Folder {
  const namespaces = new Set(["default", "kube-system", ...[...services, ...cluster.pods].map(({ namespace }) => namespace)]);
  return new Map<string, readonly object[]>([
    [`meshclusters/${cluster.name}.yaml`, [renderMeshCluster(localEntry(cluster))]],
    ...remotes.map(({ cluster: remote, directory }): [string, object[]] => [
      `meshclusters/${remote.name}.yaml`,
      [renderMeshCluster(remoteEntry(remote, directory, deadAfter))],
    ]),
    ["namespaces.yaml", [...namespaces].map(renderNamespace)],
    ...cluster.nodes.map((node): [string, object[]] => [nodePath(node.name), [renderNode(node)]]),
    ...services.flatMap((service): [string, object[]][] => [
      [servicePath(service), [renderService(cluster, service)]],
      [slicePath(service), renderEndpointSlices(cluster, service)],
    ]),
  ]);
}

export const nodePath = (node: string): string => `nodes/${node}.yaml`;
export const servicePath = ({ namespace, name }: LabService): string => `services/${namespace}.${name}.yaml`;
export const slicePath = ({ namespace, name }: LabService): string => `endpointslices/${namespace}.${name}.yaml`;
