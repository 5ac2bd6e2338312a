import type { ClusterPlan, NodePlan, PodPlan } from "./addresses.ts";
import { alone, connect } from "./connect.ts";
import { nthAddress } from "./dual.ts";
import { HOST_SYSCTLS } from "./layout.ts";
import type { Layout, ResolvConf } from "./layout.ts";
import { POD_BRIDGE } from "./nodes.ts";
import { attachScript, podScript } from "../sdn/script.ts";

/** Host number of the DNS Service in a cluster's service prefix. */
export const DNS_SERVICE_HOST = 10;

/** The machine of a pod; for one on the host network, its node. */
export const machineOf = (cluster: Pick<ClusterPlan, "name">, pod: PodPlan): string =>
  pod.hostNetwork ? pod.node : `${cluster.name}/${pod.name}`;

/**
 * A pod: its cable to the node's bridge and resolv.conf. Its own prefix is the single address, so that pods of
 * one node reach each other through the node, whose DNAT would miss the replies otherwise. A pod on the host
 * network needs nothing.
 */
export function layoutPod(cluster: ClusterPlan, node: NodePlan, pod: PodPlan): Layout {
  if (pod.hostNetwork) return { machines: [], cables: [], setups: [] };
  const machine = machineOf(cluster, pod);
  const openshift = cluster.sdn === "openshift";
  return {
    machines: [{ name: machine, sysctls: HOST_SYSCTLS, resolv: resolvConfOf(cluster, pod) }],
    cables: [{ ends: [{ machine: node.name, device: pod.port }, { machine, device: "eth0" }] }],
    setups: [
      { machine: node.name, ip: [...(openshift ? [] : [`link set ${pod.port} master ${POD_BRIDGE}`]), `link set ${pod.port} up`], ...(openshift ? { commands: attachScript(pod) } : {}) },
      { machine, ip: connect("eth0", alone(pod.addresses), node.addresses), ...(openshift ? { commands: podScript(cluster, node, pod) } : {}) },
    ],
  };
}

/** As the kubelet writes it for the pod's dnsPolicy. */
function resolvConfOf(cluster: ClusterPlan, pod: PodPlan): ResolvConf {
  if (pod.dnsPolicy === "Default") return { nameservers: [cluster.upstream.v4] };
  return {
    nameservers: [nthAddress(cluster.serviceCIDRs.v4, DNS_SERVICE_HOST)],
    searches: [`${pod.namespace}.svc.cluster.local`, "svc.cluster.local", "cluster.local"],
    ndots: 5,
  };
}
