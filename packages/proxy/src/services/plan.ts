import type { EndpointView, ServiceView } from "@sdn-tunnel/common/admit/view";
import { familyOf } from "@sdn-tunnel/common/net/address";
import type { Family } from "@sdn-tunnel/common/net/address";
import type { ServicePort } from "@sdn-tunnel/common/objects/service";
import { schedulerOf } from "./scheduler.ts";
import { selectEndpoints } from "./select.ts";
import type { IsDown } from "./select.ts";
import { serverKey } from "./server.ts";
import type { ServerKey, Transport, VirtualServer } from "./server.ts";
import { targetKey } from "./target.ts";
import type { TargetKey } from "./target.ts";

/**
 * Lists the virtual servers of a Service: one per address and port. A server without targets is in the list too:
 * its clients are to be refused.
 *
 * @param options.schedulers whether the backend can follow the annotation that asks for one
 */
export function planServers(service: ServiceView, isDown: IsDown, { schedulers = false } = {}): Map<ServerKey, VirtualServer> {
  const servers = new Map<ServerKey, VirtualServer>();
  const affinity = service.affinitySeconds === undefined ? {} : { affinitySeconds: service.affinitySeconds };
  const { scheduler } = schedulerOf(service.annotations);
  const chosen = schedulers && scheduler !== "rr" ? { scheduler } : {};
  for (const address of service.vips)
    for (const port of service.ports) {
      const targets = planTargets(service, port, familyOf(address), isDown);
      const transport = port.protocol.toLowerCase() as Transport;
      servers.set(serverKey({ transport, address, port: port.port }), { targets, ...affinity, ...chosen });
    }
  return servers;
}

function planTargets({ cluster, endpoints }: ServiceView, port: ServicePort, family: Family, isDown: IsDown): TargetKey[] {
  // The choice is made per port: pods may give one named port different numbers, or lack it.
  const able = endpoints.filter((endpoint) => familyOf(endpoint.address) === family && portOf(endpoint, port) !== undefined);
  const keys = selectEndpoints(cluster, able, isDown).map((endpoint) => targetKey(endpoint.address, portOf(endpoint, port) ?? 0));
  return [...new Set(keys)].toSorted();
}

/** The number under which an endpoint serves a Service's port: matched by name and protocol (EndpointSlice API). */
function portOf(endpoint: EndpointView, { name, protocol }: ServicePort): number | undefined {
  return endpoint.ports.find((candidate) => candidate.name === name && candidate.protocol === protocol)?.port;
}
