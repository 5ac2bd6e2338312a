import type { ClusterView, EndpointView, ServiceView } from "@sdn-tunnel/common/admit/view";
import { aliasTarget } from "./alias.ts";
import { endpointLabel, fits, isLabel } from "./label.ts";
import { planPorts } from "./ports.ts";
import { addressSets } from "./rrset.ts";
import type { NamePlan } from "./rrset.ts";

/**
 * The names of a Service in one zone, as the DNS specification of Kubernetes has them: the Service, its endpoints,
 * its ports. Empty when the Service must answer NXDOMAIN: headless without a ready endpoint, or not expressible.
 *
 * @param zone the zone's name, such as `cluster.west`
 * @param cluster the Service's cluster
 */
export function planService(service: ServiceView, zone: string, cluster: Pick<ClusterView, "local" | "config">): NamePlan[] {
  if (!isLabel(service.name) || !isLabel(service.namespace)) return [];
  const name = serviceDomain(service, zone);
  if (!fits(name)) return [];
  if (service.externalName !== undefined) {
    const target = aliasTarget(service.externalName, cluster);
    return target === undefined ? [] : [{ name, sets: [{ type: "CNAME", target }] }];
  }
  const endpoints = readyEndpoints(service);
  if (service.headless && endpoints.length === 0) return [];
  const own = service.headless ? endpoints.map(({ address }) => address) : service.vips;
  const ports = planPorts(service, endpoints, name);
  const below = [...planEndpoints(endpoints, name), ...ports.names];
  return [{ name, sets: [...addressSets(own), ...ports.own] }, ...below.filter((plan) => fits(plan.name))];
}

/** `<svc>.<ns>.svc.<zone>`. */
export const serviceDomain = ({ name, namespace }: Pick<ServiceView, "name" | "namespace">, zone: string): string =>
  `${name}.${namespace}.svc.${zone}`;

/** The endpoints that have a name: those which are ready. An address may stand in several slices. */
export function readyEndpoints({ endpoints }: ServiceView): EndpointView[] {
  return endpoints.filter(({ ready }) => ready);
}

function planEndpoints(endpoints: readonly EndpointView[], service: string): NamePlan[] {
  const byLabel = Map.groupBy(endpoints, endpointLabel);
  return [...byLabel].map(([label, group]) => ({
    name: `${label}.${service}`,
    sets: addressSets(group.map(({ address }) => address)),
  }));
}
