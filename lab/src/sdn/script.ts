import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../processes/node-program.ts";
import type { ClusterPlan, NodePlan, PodPlan } from "../topology/addresses.ts";
import { connect, onLink } from "../topology/connect.ts";
import { nodeFlows, ofportOf, peerFlows, podFlows, podMac } from "./flows.ts";

/** That of OpenShift SDN's pods where the nodes' network has 1500: VXLAN over IPv4 takes 50 bytes. */
const MTU = 1450;

const trueFlows = (): string => readFileSync(join(REPOSITORY, "packages/common/fixtures/openshift-sdn/flows-a1-networkpolicy.txt"), "utf8");

/**
 * Shell lines that start a node's Open vSwitch, with files in its own /run, and build br0 as OpenShift SDN does, with
 * the node's own addresses on tun0. The daemons end with the bed, or by `STOP_VSWITCH`. A kernel's datapaths are apart
 * in every network namespace, as the daemons are, so that nodes do not meet there either.
 */
export function bridgeScript(cluster: ClusterPlan, node: NodePlan): string[] {
  const dir = "/run/openvswitch";
  const detached = "--detach --no-chdir --pidfile -vconsole:off";
  return [
    "schema=$(dirname \"$(command -v ovs-vswitchd)\")/../usr/share/openvswitch/vswitch.ovsschema",
    "[ -e \"$schema\" ] || schema=/usr/share/openvswitch/vswitch.ovsschema",
    `rm -rf ${dir}; mkdir -p ${dir}`, // a node of that name may have been there before
    `ovsdb-tool create ${dir}/conf.db "$schema"`,
    `ovsdb-server ${dir}/conf.db --remote=punix:${dir}/db.sock ${detached}`,
    "ovs-vsctl --no-wait init -- set Open_vSwitch . other_config:n-handler-threads=1 other_config:n-revalidator-threads=1",
    `ovs-vswitchd ${detached}`,
    `ovs-vsctl add-br br0 -- set bridge br0 datapath_type=${cluster.datapath === "kernel" ? "system" : "netdev"} fail_mode=secure protocols=OpenFlow13` +
      " -- add-port br0 vxlan0 -- set interface vxlan0 type=vxlan options:remote_ip=flow options:key=flow ofport_request=1" +
      " -- add-port br0 tun0 -- set interface tun0 type=internal ofport_request=2",
    "ip -batch - <<'IP'",
    ...connect("tun0", onLink(node.addresses, node.subnets)),
    ...(cluster.datapath === "kernel" ? behindTun0(cluster, node) : []),
    "IP",
    ...addFlows(nodeFlows(trueFlows(), cluster, node)),
  ];
}

/** Lines for `ip -batch`: all of the cluster's pods and Services are reached by tun0, as on a real node. */
function behindTun0({ podCIDRs, serviceCIDRs }: ClusterPlan, { addresses }: NodePlan): string[] {
  return [`link set tun0 mtu ${MTU}`, ...[podCIDRs, serviceCIDRs].map(({ v4 }) => `route add ${v4} dev tun0 src ${addresses.v4}`)];
}

/** Shell lines by which a node's br0 knows `peer`. */
export const peerScript = (peer: NodePlan): string[] => addFlows(peerFlows(trueFlows(), peer));

/** Shell lines that attach a pod to its node's br0. */
export function attachScript(pod: PodPlan): string[] {
  return [`ovs-vsctl --may-exist add-port br0 ${pod.port} -- set interface ${pod.port} ofport_request=${ofportOf(pod)}`, ...addFlows(podFlows(trueFlows(), pod))];
}

/**
 * Shell lines for a pod on br0: the SDN's MAC, and a route to the other pods that br0 delivers to without changing
 * MACs, which it therefore must know. On the kernel datapath these are the cluster's, and VXLAN needs room.
 *
 * On the userspace datapath they are the node's, and checksums are done before packets leave, since it does not
 * complete them: `ethtool -K eth0 tx off` (ETHTOOL_STXCSUM of linux/ethtool.h, SIOCETHTOOL).
 */
export function podScript({ podCIDRs, datapath }: ClusterPlan, node: NodePlan, pod: PodPlan): string[] {
  const mac = `ip link set eth0 address ${podMac(pod)}`;
  if (datapath === "kernel") return [`${mac} mtu ${MTU}`, `ip route add ${podCIDRs.v4} dev eth0`];
  const ioctl = `socket(S, 2, 2, 0); $v = pack("LL", 0x17, 0); $r = pack("a16 P8 x16", "eth0", $v); ioctl(S, 0x8946, $r) or die "eth0: $!"`;
  return [mac, `ip route add ${node.subnets.v4} dev eth0`, `perl -e '${ioctl}'`];
}

/** Ends a node's Open vSwitch and waits until it is gone, as the node's devices are only then. */
export const STOP_VSWITCH = `for pid in $(cat /run/openvswitch/*.pid); do kill -9 $pid; for i in $(seq 100); do [ -e /proc/$pid/ns/net ] || break; sleep 0.02; done; done`;

const addFlows = (flows: readonly string[]): string[] => ["ovs-ofctl -O OpenFlow13 --names --bundle add-flows br0 - <<'FLOWS'", ...flows, "FLOWS"];
