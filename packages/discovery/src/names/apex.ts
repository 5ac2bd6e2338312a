import type { Address } from "@sdn-tunnel/common/net/address";
import { addressSets } from "./rrset.ts";
import type { Glue, NamePlan } from "./rrset.ts";

/** Version of the DNS schema of Kubernetes, served as `dns-version.<zone>` (DNS specification §2.2). */
const SCHEMA_VERSION = "1.1.0";

/** The name that SOA gives as primary server, and NS unless the server is known as a Service. */
export const serverName = (zone: string): string => `ns.dns.${zone}`;

/**
 * The names that a forward zone has without any Service: apex, server, schema version, and the empty non-terminals
 * above Services and pods. SOA is not planned: it belongs to the zone, since its serial moves with every change.
 *
 * @param own the server's addresses
 * @param servers the server's names in this zone when it stands behind Services; else it is `ns.dns.<zone>`
 */
export function planApex(zone: string, own: readonly Address[], servers: readonly Glue[]): NamePlan[] {
  const glue = servers.length > 0 ? servers : [{ name: serverName(zone), addresses: own }];
  return [
    { name: zone, sets: [{ type: "NS", targets: glue.map(({ name }) => name), glue }] },
    { name: serverName(zone), sets: addressSets(own) },
    { name: `dns.${zone}`, sets: [] },
    { name: `dns-version.${zone}`, sets: [{ type: "TXT", text: SCHEMA_VERSION }] },
    { name: `svc.${zone}`, sets: [] },
    { name: `pod.${zone}`, sets: [] },
  ];
}

/** The apex of a reverse zone; its server has a name in `primary`. */
export function planReverseApex(zone: string, primary: string, own: readonly Address[]): NamePlan[] {
  const name = serverName(primary);
  return [{ name: zone, sets: [{ type: "NS", targets: [name], glue: [{ name, addresses: own }] }] }];
}
