import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import type { EndpointSlice, SliceEndpoint } from "../objects/endpoint-slice.ts";
import type { Service } from "../objects/service.ts";
import { translate } from "../net/translate.ts";
import type { Reach } from "./reachable.ts";
import type { Refusal, RefusalReason } from "./refusal.ts";
import type { EndpointView, ServiceView } from "./view.ts";

/** What a Service is admitted with. */
export interface ServiceContext {
  readonly cluster: MeshCluster;
  /** The local cluster's own ClusterIPs are taken as they are. */
  readonly local: boolean;
  readonly reach: Reach;
  /** Endpoints that this Service may still have under `limits.endpoints`. */
  readonly endpointQuota: number;
}

export interface ServiceAdmission {
  readonly service: ServiceView;
  readonly refusals: readonly Refusal[];
}

/**
 * Turns a published Service and its slices into what this cluster can reach: ClusterIPs inside the pins, mapped;
 * endpoints inside the pins or on a mesh node. What is refused is left out, the rest goes on.
 */
export function admitService(service: Service, slices: readonly EndpointSlice[], context: ServiceContext): ServiceAdmission {
  const refusals: Refusal[] = [];
  const object = `Service ${service.namespace}/${service.name}`;
  const refuse = (reason: RefusalReason, detail: string): void =>
    void refusals.push({ cluster: context.cluster.name, object, reason, detail });
  const vips = service.clusterIPs.flatMap((ip) => {
    const vip = context.local ? ip : translate(ip, context.cluster.serviceCIDRs);
    if (vip === undefined) refuse("OutsidePins", `ClusterIP ${ip} is in no serviceCIDR of ${context.cluster.name}`);
    return vip ?? [];
  });
  const all = slices.flatMap((slice) => slice.endpoints.flatMap((e) => admitEndpoint(e, slice, context, refuse)));
  if (all.length > context.endpointQuota)
    refuse("OverLimit", `${all.length - context.endpointQuota} endpoints are past limits.endpoints`);
  const { namespace, name, annotations, headless, externalName, ports, foreignProxy, affinitySeconds } = service;
  const endpoints = all.slice(0, context.endpointQuota);
  const cluster = context.cluster.name;
  return {
    service: { cluster, namespace, name, annotations, headless, vips, externalName, ports, foreignProxy, affinitySeconds, endpoints },
    refusals,
  };
}

function admitEndpoint(
  endpoint: SliceEndpoint,
  slice: EndpointSlice,
  { reach, cluster }: ServiceContext,
  refuse: (reason: RefusalReason, detail: string) => void,
): EndpointView[] {
  return endpoint.addresses.flatMap((address) => {
    const reached = reach(address, endpoint.nodeName);
    if (!reached) {
      refuse("OutsidePins", `endpoint ${address} is in no podCIDR of ${cluster.name} and is no address of a mesh node`);
      return [];
    }
    const { hostname, podName, ready, serving, terminating } = endpoint;
    return [{ ...reached, hostname, podName, ready, serving, terminating, ports: slice.ports }];
  });
}
