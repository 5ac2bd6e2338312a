import type { ClusterPlan, NodePlan } from "./addresses.ts";
import { bridgeScript, peerScript } from "../sdn/script.ts";
import { connect, onLink } from "./connect.ts";
import { routerSysctls } from "./layout.ts";
import type { Layout, SetupPlan } from "./layout.ts";
import { renderMasquerade, renderOpenshiftMasquerade } from "./masquerade.ts";
import { FABRIC } from "./underlay.ts";

/** The bridge to which a node's pods are cabled. */
export const POD_BRIDGE = "br-pods";

/** A node: its cable to the node network, its pod bridge, routes to the other nodes' pods, and the CNI's masquerading. */
export function layoutNode(cluster: ClusterPlan, node: NodePlan): Layout {
  return {
    machines: [{ name: node.name, sysctls: routerSysctls(1), resolv: { nameservers: [cluster.upstream.v4] } }],
    cables: [{ ends: [{ machine: FABRIC, device: node.name }, { machine: node.name, device: "eth0" }] }],
    setups: [
      { machine: FABRIC, ip: [`link set ${node.name} master br-${cluster.name}`, `link set ${node.name} up`] },
      {
        machine: node.name,
        ip: [
          ...connect("eth0", onLink(node.nodeIPs, cluster.nodeNetwork), cluster.router),
          ...(cluster.sdn === "bridge" ? podBridge(node) : []),
        ],
        nft: cluster.sdn === "bridge" ? renderMasquerade(cluster.podCIDRs) : renderOpenshiftMasquerade(cluster),
        ...(cluster.sdn === "openshift" ? { commands: bridgeScript(cluster, node) } : {}),
      },
      ...cluster.nodes.filter((peer) => peer.name !== node.name).map((peer) => layoutPeer(cluster, node, peer)),
    ],
  };
}

const podBridge = (node: NodePlan): string[] => [`link add ${POD_BRIDGE} address ${node.mac} type bridge`, ...connect(POD_BRIDGE, onLink(node.addresses, node.subnets))];

/**
 * How a node reaches the pods of `peer`: by routes, as a host-gateway CNI does. On the kernel datapath OpenShift SDN
 * brings IPv4 there by VXLAN.
 */
export function layoutPeer({ sdn, datapath }: ClusterPlan, node: NodePlan, peer: NodePlan): SetupPlan {
  const vxlan = sdn === "openshift" && datapath === "kernel";
  const route = (family: "v4" | "v6") => `route replace ${peer.subnets[family]} via ${peer.nodeIPs[family]} dev eth0 onlink`;
  return vxlan ? { machine: node.name, ip: [route("v6")], commands: peerScript(peer) } : { machine: node.name, ip: [route("v4"), route("v6")] };
}
