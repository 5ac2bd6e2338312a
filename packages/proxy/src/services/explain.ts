import { nodeKey } from "@sdn-tunnel/common/admit/view";
import type { ServiceView } from "@sdn-tunnel/common/admit/view";
import { planServers } from "./plan.ts";
import type { IsDown } from "./select.ts";

/**
 * Says where the connections to each socket of a Service go, or why they are refused:
 * `west/ns/svc tcp/172.31.0.7:80 -> 10.20.0.1:80 (1 of 2 endpoints is left out: 10.20.0.2 is on node-2, which is down)`.
 */
export function explainService(service: ServiceView, isDown: IsDown): string[] {
  const { cluster, namespace, name, endpoints } = service;
  const reasons = endpoints.flatMap((endpoint) => reasonAgainst(cluster, endpoint, isDown));
  const left = reasons.length === 0 ? "" : ` (${reasons.length} of ${endpoints.length} endpoints left out: ${reasons.slice(0, 5).join("; ")})`;
  return [...planServers(service, isDown)].map(([key, { targets, affinitySeconds }]) => {
    const sticky = affinitySeconds === undefined ? "" : `, each client for ${affinitySeconds} s`;
    const where = targets.length > 0 ? `${shorten(targets)}${sticky}` : "refused, no endpoint can take connections";
    return `${cluster}/${namespace}/${name} ${key} -> ${where}${left}`;
  });
}

function reasonAgainst(cluster: string, { address, node, ready, serving, terminating }: ServiceView["endpoints"][number], isDown: IsDown): string[] {
  if (node !== undefined && isDown(nodeKey(cluster, node))) return [`${address} is on ${node}, which is down`];
  if (terminating) return [`${address} ${serving ? "terminates, and serves only while no other is ready" : "terminates"}`];
  return ready ? [] : [`${address} is not ready`];
}

function shorten(targets: readonly string[]): string {
  const shown = targets.slice(0, 10).join(", ");
  return targets.length > 10 ? `${shown} and ${targets.length - 10} more` : shown;
}
