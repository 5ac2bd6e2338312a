import { parseAddress } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import { nthPair, nthSubnet } from "./dual.ts";
import type { Dual } from "./dual.ts";
import { checkShape } from "./shape.ts";
import type { ClusterShape, Datapath, LabShape, PodShape, Sdn } from "./shape.ts";

export interface ClusterPlan {
  readonly name: string;
  /** Place among the clusters, from 0; all addresses follow from it. */
  readonly index: number;
  /** The network of its nodes: one bridge. */
  readonly nodeNetwork: Dual<Prefix>;
  /** The router's addresses in the node network: every node's default gateway. */
  readonly router: Dual<Address>;
  /** The DNS server of the outside world, in the node network. */
  readonly upstream: Dual<Address>;
  readonly podCIDRs: Dual<Prefix>;
  /** Equal in all clusters, as the defaults of an installer are. */
  readonly serviceCIDRs: Dual<Prefix>;
  /** The prefixes under which the others reach this cluster's Services (`as`). */
  readonly mappedServiceCIDRs: Dual<Prefix>;
  readonly nodes: readonly NodePlan[];
  readonly pods: readonly PodPlan[];
  readonly sdn: Sdn;
  /** Of Open vSwitch, where the SDN has one. */
  readonly datapath: Datapath;
}

export interface NodePlan {
  readonly name: string;
  /** Addresses in the node network. */
  readonly nodeIPs: Dual<Address>;
  /** Pod addresses behind this node. */
  readonly subnets: Dual<Prefix>;
  /** The node's own address in each subnet, on its pod bridge: the first one. */
  readonly addresses: Dual<Address>;
  /** The bridge's fixed MAC; a bridge without one changes it when ports come and go, and pods lose their gateway. */
  readonly mac: string;
}

export interface PodPlan extends Required<Omit<PodShape, "node">> {
  readonly node: string;
  readonly addresses: Dual<Address>;
  /** Name of its veth's end in the node; empty on the host network. */
  readonly port: string;
}

/** Host numbers in a node network, and of the first pod in a node's subnet. */
const ROUTER = 1;
const UPSTREAM = 2;
const FIRST_NODE = 11;
const FIRST_POD = 11;
/** Second byte of the IPv4 prefix, and second group of the IPv6 prefix, under which the n-th cluster's Services are seen by others. */
const MAPPED = [29, 31, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16];

/** A host of the outside world, behind the router: documentation addresses of RFC 5737 and RFC 3849. */
export const OUTSIDE: { readonly network: Dual<Prefix>; readonly router: Dual<Address>; readonly host: Dual<Address> } = {
  network: prefixes("203.0.113.0/24", "2001:db8:ff::/64"),
  router: { v4: parseAddress("203.0.113.1"), v6: parseAddress("2001:db8:ff::1") },
  host: { v4: parseAddress("203.0.113.10"), v6: parseAddress("2001:db8:ff::10") },
};

/**
 * Gives every cluster, node and pod of a shape its addresses; equal shapes give equal addresses.
 *
 * @throws {LabError} INVALID_SHAPE
 */
export function planLab(shape: LabShape, datapath: Datapath = "userspace"): readonly ClusterPlan[] {
  checkShape(shape);
  return shape.clusters.map((cluster, index) => ({ ...planCluster(cluster, index), datapath }));
}

/** The node that a cluster has at `number`, from 1. */
export function planNode(cluster: Pick<ClusterPlan, "name" | "index" | "nodeNetwork" | "podCIDRs">, number: number): NodePlan {
  const { v4, v6 } = cluster.podCIDRs;
  const subnets = { v4: nthSubnet(v4, 23, number - 1), v6: nthSubnet(v6, 64, number - 1) };
  return {
    name: `${cluster.name}-${number}`,
    nodeIPs: nthPair(cluster.nodeNetwork, FIRST_NODE + number - 1),
    subnets,
    addresses: nthPair(subnets, 1),
    mac: `02:00:00:${hex(cluster.index + 1)}:${hex(number)}:01`,
  };
}

/** A pod, with the first host number that is free among the `others` of its node. */
export function planPod(pod: PodShape, node: NodePlan, others: readonly PodPlan[]): PodPlan {
  const { hostNetwork = false, program = "none", dnsPolicy = hostNetwork ? "Default" : "ClusterFirst" } = pod;
  const taken = new Set(others.filter((other) => other.node === node.name).map(({ port }) => port));
  let host = FIRST_POD;
  while (taken.has(portOf(host))) host += 1;
  return {
    ...pod,
    hostNetwork,
    program,
    dnsPolicy,
    node: node.name,
    addresses: hostNetwork ? node.nodeIPs : nthPair(node.subnets, host),
    port: hostNetwork ? "" : portOf(host),
  };
}

function planCluster(shape: ClusterShape, index: number): Omit<ClusterPlan, "datapath"> {
  const nodeNetwork = nodeNetworkOf(index);
  const base = {
    name: shape.name,
    index,
    nodeNetwork,
    router: nthPair(nodeNetwork, ROUTER),
    upstream: nthPair(nodeNetwork, UPSTREAM),
    podCIDRs: prefixes(`10.${128 + 4 * index}.0.0/14`, `fd00:${128 + 4 * index}::/48`),
    serviceCIDRs: prefixes("172.30.0.0/16", "fd00:30::/112"),
    mappedServiceCIDRs: prefixes(`172.${MAPPED[index]}.0.0/16`, `fd00:${MAPPED[index]}::/112`),
  };
  const nodes = Array.from({ length: shape.nodes }, (_, i) => planNode(base, i + 1));
  const pods = shape.pods.reduce<PodPlan[]>((before, pod) => [...before, planPod(pod, nodes[pod.node - 1]!, before)], []);
  return { ...base, nodes, pods, sdn: shape.sdn ?? "bridge" };
}

/** The two halves of TEST-NET-1 (RFC 5737) for two clusters; from the third on, the benchmarking network (RFC 2544). */
function nodeNetworkOf(index: number): Dual<Prefix> {
  const v4 = index < 2 ? `192.0.2.${128 * index}/25` : `198.18.${index}.0/24`;
  return prefixes(v4, `2001:db8:${index + 1}::/64`);
}

function prefixes(v4: string, v6: string): Dual<Prefix> {
  return { v4: parsePrefix(v4), v6: parsePrefix(v6) };
}

const portOf = (host: number): string => `pod${host}`;
const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
