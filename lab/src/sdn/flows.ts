import { bytesOf } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";
import type { ClusterPlan, NodePlan, PodPlan } from "../topology/addresses.ts";

/** What the true table says of its own node, which a node of the lab says of itself. */
const TRUE = { cluster: "10.128.0.0/14", subnet: "10.128.0.0/23", gateway: "10.128.0.1", node: "192.0.2.11", services: "172.30.0.0/16" };
/** Its first pod: address, the same as ARP flows have it, port, port number and project. */
const TRUE_POD = { address: "10.128.0.5", mac: "00:00:0a:80:00:05", port: "va1p1", ofport: "load:0x3->NXM_NX_REG2[]", vnid: "0x3e9" };

/** Projects of the true table: pods of the namespace `test-sdn-tunnel` are in the first, all others in the second. */
const VNIDS = ["0x3e9", "0x3ea"] as const;

/** The second project of the true table denies what comes in; in the lab it has no policy, as the first. */
const OPEN = "table=80, priority=50,reg1=0x3ea actions=output:NXM_NX_REG2[]";

/** The other node of the true table, by its address and its pods. */
const TRUE_PEER = { node: "192.0.2.12", subnet: "10.128.2.0/23" };

/**
 * The flows of a node of the lab: the true table with this node's addresses, without its pods and all nodes. On the
 * userspace datapath pods of other nodes are reached through the host, which has routes to them: it sends no VXLAN
 * while the node's address is on a plain device.
 */
export function nodeFlows(trueFlows: string, cluster: ClusterPlan, node: NodePlan): string[] {
  const own = trueFlows.split("\n").filter((line) => line !== "" && !isPod(line) && !/192\.0\.2\.1[12]\b.*|tun_src|0xf55ff16f|0x2c3a4249/.test(withoutDns(line)));
  return [...own, OPEN].map((line) =>
    (cluster.datapath === "userspace" && line.startsWith("table=90, priority=0 ") ? "table=90, priority=0 actions=output:tun0" : line)
      .replaceAll(TRUE.cluster, cluster.podCIDRs.v4)
      .replaceAll(TRUE.subnet, node.subnets.v4)
      .replaceAll(new RegExp(`\\b${TRUE.gateway.replaceAll(".", "\\.")}\\b(?!/)`, "g"), node.addresses.v4)
      .replaceAll(TRUE.node, node.nodeIPs.v4)
      .replaceAll(TRUE.services, cluster.serviceCIDRs.v4),
  );
}

/** What a node's br0 needs to exchange packets with `peer` by VXLAN. */
export function peerFlows(trueFlows: string, peer: NodePlan): string[] {
  const lines = trueFlows.split("\n").filter((line) => line.includes(TRUE_PEER.node));
  return lines.map((line) => line.replaceAll(TRUE_PEER.node, peer.nodeIPs.v4).replaceAll(TRUE_PEER.subnet, peer.subnets.v4));
}

/**
 * The flows of a pod, after those of the first one in the true table. The SDN carries IPv4 only; IPv6 goes to the
 * host and back by flows of the lab's own, so that both families can be shown.
 */
export function podFlows(trueFlows: string, pod: PodPlan): string[] {
  const vnid = VNIDS[pod.namespace === "test-sdn-tunnel" ? 0 : 1];
  const lines = trueFlows.split("\n").filter((line) => line.includes(TRUE_POD.port) || line.includes(TRUE_POD.address));
  const v4 = lines.map((line) =>
    line
      .replaceAll(TRUE_POD.port, pod.port)
      .replaceAll(TRUE_POD.address, pod.addresses.v4)
      .replaceAll(TRUE_POD.mac, `00:00:${hexOf(pod.addresses.v4)}`)
      .replaceAll(TRUE_POD.ofport, `load:${ofportOf(pod)}->NXM_NX_REG2[]`)
      .replaceAll(TRUE_POD.vnid, vnid),
  );
  const { v6 } = pod.addresses;
  return [
    ...v4,
    `priority=90,ipv6,in_port=${pod.port} actions=output:tun0`,
    `priority=160,ipv6,in_port=tun0,ipv6_dst=${v6} actions=output:${pod.port}`,
    `priority=160,icmp6,in_port=tun0,icmp_type=135,nd_target=${v6} actions=output:${pod.port}`,
  ];
}

/** The MAC that OpenShift SDN gives a pod, and from which its flows know it. */
export const podMac = (pod: PodPlan): string => `0a:58:${hexOf(pod.addresses.v4)}`;

/** The number of a pod's port: that of its address, so that flows can name it. Pods of the lab start at 11. */
export const ofportOf = ({ port }: PodPlan): number => Number(port.replace("pod", ""));

const isPod = (line: string): boolean => /va1p\d|10\.128\.0\.[56]\b/.test(line);
/** The node's DNS flows stay: they bear its address, and no other node's. */
const withoutDns = (line: string): string => (line.startsWith("table=99") ? "" : line);
const hexOf = (address: Address): string => [...bytesOf(address)].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
