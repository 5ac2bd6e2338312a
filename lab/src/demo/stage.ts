import type { Cluster } from "../handles/cluster.ts";
import type { LabNode } from "../handles/node.ts";
import type { LabPod } from "../handles/pod.ts";
import type { Lab } from "../lab.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { IpVersion } from "../services/shape.ts";

/** What every check plays on. */
export interface Stage {
  readonly lab: Lab;
  readonly mesh: Mesh;
  readonly pairs: readonly Pair[];
}

/** One direction: a client in one cluster, what it asks for in the other. */
export interface Pair {
  /** `east → west`. */
  readonly name: string;
  readonly from: Cluster;
  readonly to: Cluster;
  readonly client: LabPod;
  /** The node that the client is on. */
  readonly node: LabNode;
}

export const versions: readonly IpVersion[] = ["v4", "v6"];

export function makeStage(lab: Lab, mesh: Mesh): Stage {
  const pairs = lab.clusters.flatMap((from) => lab.clusters.filter((to) => to !== from).map((to) => pairOf(from, to)));
  return { lab, mesh, pairs };
}

function pairOf(from: Cluster, to: Cluster): Pair {
  return { name: `${from.name} → ${to.name}`, from, to, client: from.pod("client"), node: from.node(1) };
}

/** URL of the httpd at a host, which may be an address of either family or a name. */
export const urlOf = (host: string): string => `http://${host.includes(":") ? `[${host}]` : host}:8080/`;
