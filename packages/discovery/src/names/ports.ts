import type { EndpointView, ServiceView } from "@sdn-tunnel/common/admit/view";
import type { Address } from "@sdn-tunnel/common/net/address";
import { endpointLabel, fits, isLabel } from "./label.ts";
import { addressSets } from "./rrset.ts";
import type { Glue, NamePlan, RRset, SrvTarget } from "./rrset.ts";

/** One address that listens on one port. */
interface Listener {
  /** `http`, or empty when the port has no name. */
  readonly name: string;
  /** `tcp`, `udp`, `sctp`. */
  readonly protocol: string;
  readonly port: number;
  readonly address: Address;
  /** The name that SRV records point at. */
  readonly target: string;
}

/** What a Service's ports add: SRV at the Service's own name, and the names `_http._tcp` with their parent `_tcp`. */
export interface PortPlans {
  readonly own: readonly RRset[];
  readonly names: readonly NamePlan[];
}

/**
 * Plans SRV (RFC 2782). The Service's own name answers for every port, unnamed ones included; `_port._proto` below
 * it for the named ones, where A and AAAA answer, too.
 *
 * @param name the Service's own name
 */
export function planPorts(service: ServiceView, endpoints: readonly EndpointView[], name: string): PortPlans {
  const listeners = unique(service.headless ? endpointListeners(endpoints, name) : serviceListeners(service, name));
  const named = listeners.filter((listener) => isLabel(listener.name));
  const parents = new Set(named.map(({ protocol }) => `_${protocol}.${name}`));
  const byPort = Map.groupBy(named, (listener) => `_${listener.name}._${listener.protocol}.${name}`);
  return {
    own: listeners.length > 0 ? [srvSet(listeners)] : [],
    names: [
      ...[...parents].map((parent) => ({ name: parent, sets: [] })),
      ...[...byPort].map(([port, group]) => ({
        name: port,
        sets: [...addressSets(group.map(({ address }) => address)), srvSet(group)],
      })),
    ],
  };
}

function serviceListeners({ ports, vips }: ServiceView, target: string): Listener[] {
  return ports.flatMap(({ name, protocol, port }) =>
    vips.map((address) => ({ name: name.toLowerCase(), protocol: protocol.toLowerCase(), port, address, target })),
  );
}

function endpointListeners(endpoints: readonly EndpointView[], service: string): Listener[] {
  return endpoints.flatMap((endpoint) => {
    const target = `${endpointLabel(endpoint)}.${service}`;
    if (!fits(target)) return [];
    return endpoint.ports.map(({ name, protocol, port }) => ({
      name: name.toLowerCase(),
      protocol: protocol.toLowerCase(),
      port,
      address: endpoint.address,
      target,
    }));
  });
}

/** An endpoint that stands in several slices is one listener. */
function unique(listeners: readonly Listener[]): Listener[] {
  const key = ({ name, protocol, port, address, target }: Listener) => `${name} ${protocol} ${port} ${address} ${target}`;
  return [...new Map(listeners.map((listener) => [key(listener), listener])).values()];
}

/** The weight is an equal share of 100 per listener, as CoreDNS computes it: before equal records are merged. */
function srvSet(listeners: readonly Listener[]): RRset {
  const weight = Math.max(1, Math.floor(100 / listeners.length));
  const targets = new Map<string, SrvTarget>();
  for (const { port, target } of listeners) targets.set(`${port} ${target}`, { weight, port, target });
  const glue: Glue[] = [...Map.groupBy(listeners, ({ target }) => target)].map(([name, group]) => ({
    name,
    addresses: [...new Set(group.map(({ address }) => address))],
  }));
  return { type: "SRV", targets: [...targets.values()], glue };
}
