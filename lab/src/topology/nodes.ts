import type { ClusterPlan, NodePlan } from "./addresses.ts";
import { bridgeScript } from "../sdn/script.ts";
import { connect, onLink } from "./connect.ts";
import { both } from "./dual.ts";
import { routerSysctls } from "./layout.ts";
import type { Layout } from "./layout.ts";
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
          ...cluster.nodes.filter((peer) => peer.name !== node.name).flatMap(routesTo),
        ],
        nft: cluster.sdn === "bridge" ? renderMasquerade(cluster.podCIDRs) : renderOpenshiftMasquerade(cluster),
        ...(cluster.sdn === "openshift" ? { commands: bridgeScript(cluster, node) } : {}),
      },
    ],
  };
}

const podBridge = (node: NodePlan): string[] => [`link add ${POD_BRIDGE} address ${node.mac} type bridge`, ...connect(POD_BRIDGE, onLink(node.addresses, node.subnets))];

/** Lines for `ip -batch` that route the pods of `peer`, as a host-gateway CNI does. */
export function routesTo(peer: NodePlan): string[] {
  return both(peer.subnets).map((subnet, i) => `route replace ${subnet} via ${both(peer.nodeIPs)[i]} dev eth0 onlink`);
}
