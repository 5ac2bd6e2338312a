import type { ClusterPlan } from "../topology/addresses.ts";
import { backends, clusterIP } from "./shape.ts";
import type { IpVersion, LabPort, LabService } from "./shape.ts";

/**
 * The cluster's own Services on one of its nodes, as a table for nft(8): DNAT at −100, where kube-proxy has it, for
 * pods and for the node itself. Nothing is masqueraded. Replaces the table of the same name in one transaction.
 */
export function renderLocalServices(cluster: ClusterPlan, services: readonly LabService[]): string {
  const rules = services.flatMap((service) =>
    service.families.flatMap((version) => service.ports.map((port) => ruleOf(cluster, service, version, port))),
  );
  const chains = rules.flatMap(({ chains: own }) => own);
  return [
    "table inet lab_services",
    "delete table inet lab_services",
    "table inet lab_services {",
    ...chains,
    chain("services", rules.flatMap(({ rule }) => rule)),
    chain("prerouting", ["type nat hook prerouting priority -100; policy accept;", "jump services"]),
    chain("output", ["type nat hook output priority -100; policy accept;", "jump services"]),
    "}",
  ].join("\n");
}

/** A rule that picks one of the backends at random, and one chain for each backend; nothing without a backend. */
function ruleOf(cluster: ClusterPlan, service: LabService, version: IpVersion, port: LabPort): { rule: string[]; chains: string[] } {
  const pods = backends(cluster, service);
  if (pods.length === 0) return { rule: [], chains: [] };
  const [ip, show] = version === "v4" ? ["ip", (a: string) => a] : ["ip6", (a: string) => `[${a}]`];
  const names = pods.map((_, i) => `${service.namespace}_${service.name}_${port.name}_${version}_${i}`.replaceAll("-", "_"));
  const match = `${ip} daddr ${clusterIP(cluster, service, version)} ${port.protocol.toLowerCase()} dport ${port.port}`;
  const pick = `numgen random mod ${pods.length} vmap { ${names.map((name, i) => `${i} : goto ${name}`).join(", ")} }`;
  return {
    rule: [`${match} ${pick}`],
    chains: pods.map((pod, i) =>
      chain(names[i]!, [`meta l4proto ${port.protocol.toLowerCase()} dnat ${ip} to ${show(pod.addresses[version])}:${port.targetPort}`]),
    ),
  };
}

const chain = (name: string, lines: readonly string[]): string => [`  chain ${name} {`, ...lines.map((line) => `    ${line}`), "  }"].join("\n");
