import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../processes/node-program.ts";
import type { ClusterPlan, NodePlan, PodPlan } from "../topology/addresses.ts";
import { connect, onLink } from "../topology/connect.ts";
import { nodeFlows, ofportOf, podFlows, podMac } from "./flows.ts";

const trueFlows = (): string => readFileSync(join(REPOSITORY, "packages/common/fixtures/openshift-sdn/flows-a1-networkpolicy.txt"), "utf8");

/**
 * Shell lines that start a node's Open vSwitch, with files in its own /run, and build br0 as OpenShift SDN does, with
 * the node's own addresses on tun0. The daemons end with the bed, or by `STOP_VSWITCH`.
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
    "ovs-vsctl add-br br0 -- set bridge br0 datapath_type=netdev fail_mode=secure protocols=OpenFlow13" +
      " -- add-port br0 vxlan0 -- set interface vxlan0 type=vxlan options:remote_ip=flow options:key=flow ofport_request=1" +
      " -- add-port br0 tun0 -- set interface tun0 type=internal ofport_request=2",
    "ip -batch - <<'IP'",
    ...connect("tun0", onLink(node.addresses, node.subnets)),
    "IP",
    ...addFlows(nodeFlows(trueFlows(), cluster, node)),
  ];
}

/** Shell lines that attach a pod to its node's br0. */
export function attachScript(pod: PodPlan): string[] {
  return [`ovs-vsctl --may-exist add-port br0 ${pod.port} -- set interface ${pod.port} ofport_request=${ofportOf(pod)}`, ...addFlows(podFlows(trueFlows(), pod))];
}

/**
 * Shell lines for a pod on br0: the SDN's MAC; a route to the node's other pods, whose MACs it must know, since br0
 * delivers without changing them; and checksums done before packets leave, since the userspace datapath
 * does not complete them. The same as `ethtool -K eth0 tx off` (ETHTOOL_STXCSUM of linux/ethtool.h, SIOCETHTOOL).
 */
export function podScript(node: NodePlan, pod: PodPlan): string[] {
  const ioctl = `socket(S, 2, 2, 0); $v = pack("LL", 0x17, 0); $r = pack("a16 P8 x16", "eth0", $v); ioctl(S, 0x8946, $r) or die "eth0: $!"`;
  return [`ip link set eth0 address ${podMac(pod)}`, `ip route add ${node.subnets.v4} dev eth0`, `perl -e '${ioctl}'`];
}

/** Ends a node's Open vSwitch and waits until it is gone, as the node's devices are only then. */
export const STOP_VSWITCH = `for pid in $(cat /run/openvswitch/*.pid); do kill -9 $pid; for i in $(seq 100); do [ -e /proc/$pid/ns/net ] || break; sleep 0.02; done; done`;

const addFlows = (flows: readonly string[]): string[] => ["ovs-ofctl -O OpenFlow13 --names --bundle add-flows br0 - <<'FLOWS'", ...flows, "FLOWS"];
