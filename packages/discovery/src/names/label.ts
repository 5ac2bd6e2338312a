import type { Address } from "@sdn-tunnel/common/net/address";
import type { EndpointView } from "@sdn-tunnel/common/admit/view";

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * True for what Kubernetes accepts as the name of a Service, a namespace, a port or a host: one RFC 1123 label. A
 * remote cluster may publish anything; whatever has dots would become a name that belongs to somebody else.
 */
export const isLabel = (text: string): boolean => LABEL.test(text);

/** True for a name that is not too long for the wire (RFC 1035 §2.3.4); names are made of checked labels. */
export const fits = (name: string): boolean => name.length <= 253;

/**
 * The label of an endpoint below its Service: its hostname, else its address with dashes (`172-0-0-2`,
 * `5678-abcd--1`), to which CoreDNS adds a `0` where the address ends in a colon.
 */
export function endpointLabel({ hostname, address }: Pick<EndpointView, "hostname" | "address">): string {
  const host = hostname?.toLowerCase();
  if (host !== undefined && isLabel(host)) return host;
  return dashed(address);
}

function dashed(address: Address): string {
  const label = address.replaceAll(/[.:]/g, "-");
  return label.endsWith("-") ? `${label}0` : label;
}
