import { LabError } from "../errors.ts";

/** What the caller wants: clusters, their nodes and their pods. Addresses follow from the order, see `planLab()`. */
export interface LabShape {
  readonly clusters: readonly ClusterShape[];
}

export interface ClusterShape {
  /** RFC 1123 label of at most 10 characters, since it is part of device names (15 at most, netdevice(7)). */
  readonly name: string;
  /** Number of nodes, 1 to 64; they are called `<cluster>-1`, `<cluster>-2`, … */
  readonly nodes: number;
  readonly pods: readonly PodShape[];
  /** What its pods are attached to; default `bridge`. */
  readonly sdn?: Sdn;
}

/** A Linux bridge with flannel's rules, or OpenShift SDN's br0 on Open vSwitch. */
export type Sdn = "bridge" | "openshift";
export const sdnNames = ["bridge", "openshift"] as const satisfies readonly Sdn[];

/** What carries br0's packets: ovs-vswitchd itself, on any kernel, or the kernel's module, as on a real node. */
export type Datapath = "userspace" | "kernel";

export interface PodShape {
  /** RFC 1123 label, unique within the cluster. */
  readonly name: string;
  /** Kubernetes namespace; it decides the search list of resolv.conf. */
  readonly namespace: string;
  /** Number of its node, from 1. */
  readonly node: number;
  /** What runs in it from the start: the httpd, or nothing. */
  readonly program?: "httpd" | "none";
  /** True: the pod's programs run in its node's own namespaces. */
  readonly hostNetwork?: boolean;
  /** As in a Pod: by the cluster's DNS Service with a search list (the usual), or by the node's own server. */
  readonly dnsPolicy?: "ClusterFirst" | "Default";
}

export const TEST_NAMESPACE = "test-sdn-tunnel";

/** A cluster with two nodes, an httpd on each, one on the host network, a client, and a place for the DNS server. */
export function usualCluster(name: string): ClusterShape {
  const pod = (podName: string, node: number, rest: Partial<PodShape> = {}): PodShape => ({
    name: podName,
    namespace: TEST_NAMESPACE,
    node,
    ...rest,
  });
  return {
    name,
    nodes: 2,
    pods: [
      pod("httpd-1", 1, { program: "httpd" }),
      pod("httpd-2", 2, { program: "httpd" }),
      pod("httpd-host", 2, { program: "httpd", hostNetwork: true }),
      pod("client", 1),
      pod("dns", 2, { namespace: "sdn-tunnel", dnsPolicy: "Default" }),
    ],
  };
}

/** Two clusters, `east` and `west`, whose pods are attached to the same kind of thing. */
export const usualShape = (sdn: Sdn = "bridge"): LabShape => ({ clusters: ["east", "west"].map((name) => ({ ...usualCluster(name), sdn })) });

/** Devices of the router that are no cluster's, and the one name that a MeshCluster may not have. */
const RESERVED = ["lo", "outside", "local"];

/** @throws {LabError} INVALID_SHAPE */
export function checkShape({ clusters }: LabShape): void {
  if (clusters.length < 1 || clusters.length > 15) refuse(`there are ${clusters.length} clusters; accepted are 1 to 15`);
  refuseTwins("cluster", clusters.map(({ name }) => name));
  for (const { name, nodes, pods } of clusters) {
    if (!/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/.test(name))
      refuse(`cluster name "${name}" must be a lower case label of at most 10 characters`);
    if (RESERVED.includes(name)) refuse(`cluster name "${name}" is taken: it names a part of the lab, or is reserved`);
    if (!Number.isInteger(nodes) || nodes < 1 || nodes > 64) refuse(`cluster ${name} has ${nodes} nodes; accepted are 1 to 64`);
    refuseTwins(`pod of cluster ${name}`, pods.map((pod) => pod.name));
    for (const pod of pods)
      if (!Number.isInteger(pod.node) || pod.node < 1 || pod.node > nodes)
        refuse(`pod ${name}/${pod.name} is on node ${pod.node}; there are 1 to ${nodes}`);
  }
}

function refuseTwins(kind: string, names: readonly string[]): void {
  const twin = names.find((name, i) => names.indexOf(name) !== i);
  if (twin !== undefined) refuse(`${kind} "${twin}" is there twice`);
}

function refuse(problem: string): never {
  throw new LabError({ code: "INVALID_SHAPE", problem });
}
