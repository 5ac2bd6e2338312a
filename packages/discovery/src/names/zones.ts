import type { ClusterView } from "@sdn-tunnel/common/admit/view";
import { addressFrom, bytesOf } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";
import { rangeOf, widthOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";

/** The zones that names of a cluster stand in: its `domain`; the local one's `localDomain` before it. */
export function forwardZones({ local, config }: ClusterView): string[] {
  return [...new Set(local ? [config.localDomain, config.domain] : [config.domain])];
}

/** The zone whose names PTR records show. */
export const primaryZone = (cluster: ClusterView): string => forwardZones(cluster)[0] as string;

/**
 * The reverse zones of a cluster: its pod and Service prefixes as they are reached here, each split at the next
 * octet (IPv4) or digit (IPv6) boundary, since a zone is cut between labels (RFC 1035 §3.5, RFC 3596 §2.5).
 */
export function reverseZones({ config }: ClusterView): string[] {
  const prefixes = [...config.podCIDRs, ...config.serviceCIDRs].map((mapping) => mapping.as);
  return [...new Set(prefixes.flatMap(reverseZonesOf))];
}

/**
 * At most 128 zones for an IPv4 prefix and 8 for an IPv6 one. None for a prefix inside the last label (longer than
 * /24 or /124): its names would be zones and records at once.
 */
export function reverseZonesOf(prefix: Prefix): string[] {
  const { family, length, first } = rangeOf(prefix);
  const step = family === 4 ? 8 : 4;
  const labels = Math.ceil(length / step);
  if (labels === widthOf(family) / step) return [];
  const size = 1n << BigInt(widthOf(family) - labels * step);
  const zones = 2 ** (labels * step - length);
  return Array.from({ length: zones }, (_, i) => {
    const all = reverseName(addressFrom(family, first + BigInt(i) * size)).split(".");
    return all.slice(widthOf(family) / step - labels).join(".");
  });
}

/** The name that holds the PTR records of an address: `1.2.0.192.in-addr.arpa`, or 32 digits under `ip6.arpa`. */
export function reverseName(address: Address): string {
  const bytes = bytesOf(address);
  if (bytes.length === 4) return `${[...bytes].toReversed().join(".")}.in-addr.arpa`;
  const digits = [...bytes].flatMap((byte) => [byte >> 4, byte & 15]);
  return `${digits.toReversed().map((digit) => digit.toString(16)).join(".")}.ip6.arpa`;
}
