import type { MeshView } from "@sdn-tunnel/common/admit/view";
import type { Address } from "@sdn-tunnel/common/net/address";
import type { PointerIndex } from "./pointers.ts";
import type { Glue } from "./rrset.ts";
import { serviceDomain } from "./service.ts";

/**
 * The server's names in a zone of its own cluster, when its addresses are endpoints of Services: the Service itself,
 * or its endpoint when the Service is headless. Empty when no Service stands before it.
 */
export function serversOf(view: MeshView, pointers: PointerIndex, zone: string, own: readonly Address[]): Glue[] {
  const glue = new Map<string, Set<Address>>();
  for (const address of own)
    for (const { service: key, kind, target } of pointers.of(address)) {
      const service = view.service(key);
      if (kind !== "endpoint" || !service || !view.clusters.get(service.cluster)?.local) continue;
      const label = target.slice(0, target.indexOf("."));
      const name = serviceDomain(service, zone);
      const known = service.headless ? `${label}.${name}` : name;
      const addresses = service.headless ? [address] : service.vips;
      glue.set(known, (glue.get(known) ?? new Set()).union(new Set(addresses)));
    }
  return [...glue].map(([name, addresses]) => ({ name, addresses: [...addresses] }));
}
