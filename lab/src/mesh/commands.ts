import { join } from "node:path";
import type { Cluster } from "../handles/cluster.ts";
import type { LabNode } from "../handles/node.ts";
import type { LabPod } from "../handles/pod.ts";
import { nodeProgram } from "../processes/node-program.ts";
import type { Command } from "../processes/node-program.ts";
import { both } from "../topology/dual.ts";

/** The daemons that run on every node. */
export type HostDaemon = "tunneld" | "proxyd";

const packages = { tunneld: "tunnel", proxyd: "proxy" } as const;

/** A node's daemon as an admin would start it: all that it must be told is where and who it is. */
export function hostCommand(name: HostDaemon, cluster: Cluster, node: LabNode, flags: readonly string[] = []): Command {
  const where = ["--source", cluster.directory, "--cluster-name", cluster.name, "--node-name", node.name];
  const folders = ["--state-dir", node.stateDir, "--run-dir", join(node.runDir, "sdn-tunnel")];
  return nodeProgram(`packages/${packages[name]}/src/main.ts`, [...where, ...folders, ...flags]);
}

/** A cluster's DNS server, in a pod: it forwards to the servers of the pod's resolv.conf. */
export function discoveryCommand(cluster: Cluster, pod: LabPod): Command {
  const where = ["--source", cluster.directory, "--cluster-name", cluster.name, "--http", "127.0.0.1:9567"];
  const listen = both(pod.plan.addresses).flatMap((address) => ["--listen", address.includes(":") ? `[${address}]:53` : `${address}:53`]);
  return nodeProgram("packages/discovery/src/main.ts", [...where, ...listen]);
}
