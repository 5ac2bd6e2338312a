import type { HostAddress } from "@sdn-tunnel/common/kernel/needs";
import type { Link } from "@sdn-tunnel/common/kernel/links";
import { familyOf } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";

/** Bytes that WireGuard adds to a packet at most: IPv6 40, UDP 8, header and tag 32. */
const OVERHEAD = 80;
/** Bytes: what every path of today carries, and the least that IPv6 accepts (RFC 8200 §5). */
const [USUAL_MTU, LEAST_MTU] = [1420, 1280];

/** The MTU of the device: what the narrowest device with a node IP leaves, 1420 at most. */
export function deviceMtu(nodeIPs: readonly Address[], hostAddresses: readonly HostAddress[], links: readonly Link[]): number {
  const devices = new Set(hostAddresses.filter(({ address }) => nodeIPs.includes(address)).map(({ device }) => device));
  const mtus = links.filter(({ name }) => devices.has(name)).map(({ mtu }) => mtu - OVERHEAD);
  return Math.max(LEAST_MTU, Math.min(USUAL_MTU, ...mtus));
}

/**
 * Kernel settings that the wiring needs: packets are forwarded between pods and tunnel in each family in use.
 *
 * With IPv6 forwarding on, a device takes router advertisements only with accept_ra=2 (ip-sysctl): devices that
 * take them now keep doing so, or the node might lose its default route.
 */
export function linuxSysctls(ownAddresses: readonly Address[], devicesWithAdvertisements: readonly string[]): Map<string, string> {
  const families = new Set(ownAddresses.map(familyOf));
  const wanted = new Map<string, string>();
  if (families.has(4)) wanted.set("net/ipv4/ip_forward", "1");
  if (!families.has(6)) return wanted;
  for (const device of devicesWithAdvertisements) wanted.set(`net/ipv6/conf/${device}/accept_ra`, "2");
  return wanted.set("net/ipv6/conf/all/forwarding", "1");
}
