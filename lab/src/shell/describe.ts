import type { Cluster } from "../handles/cluster.ts";
import type { Machine } from "../handles/machine.ts";
import type { Lab } from "../lab.ts";
import { both } from "../topology/dual.ts";
import { OUTSIDE } from "../topology/addresses.ts";

/** What a person needs to know of a lab that is up: who is there, under which addresses, and the way in. */
export function describeLab(lab: Lab): string {
  const rows = lab.clusters.flatMap((cluster) => [
    ...cluster.nodes.map((node) => row(lab, node, [...both(node.plan.nodeIPs), ...both(node.plan.addresses)])),
    ...cluster.pods.map((pod) => row(lab, pod, both(pod.plan.addresses))),
    row(lab, cluster.upstream, both(cluster.plan.upstream)),
  ]);
  const others = [row(lab, lab.router, []), row(lab, lab.outside, both(OUTSIDE.host))];
  return [...lab.clusters.map(describeCluster), "", ...align([...rows, ...others])].join("\n");
}

function describeCluster(cluster: Cluster): string {
  const { plan, directory, services, name } = cluster;
  const lines = services.map((service) => {
    const addresses = (as: "local" | "remote") => service.families.map((version) => cluster.serviceIP(service.name, version, as)).join(" ");
    return `  Service ${service.namespace}/${service.name}: ${addresses("local")}, from other clusters ${addresses("remote")}`;
  });
  return [`Cluster ${name}: pods ${both(plan.podCIDRs).join(" ")}, manifests in ${directory}`, ...lines].join("\n");
}

function row(lab: Lab, machine: Machine, addresses: readonly string[]): [string, string, string] {
  return [machine.name, addresses.join(" "), lab.bed.wayInto(machine.pid)];
}

function align(rows: readonly (readonly [string, string, string])[]): string[] {
  const width = (column: 0 | 1) => Math.max(...rows.map((cells) => cells[column].length));
  return rows.map(([name, addresses, way]) => `${name.padEnd(width(0))}  ${addresses.padEnd(width(1))}  ${way}`);
}
