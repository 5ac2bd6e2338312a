import type { Address } from "@sdn-tunnel/common/net/address";
import { rangeOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import { both } from "./dual.ts";
import type { Dual } from "./dual.ts";

/**
 * Lines for `ip -batch` that bring a device up with its addresses, and default routes through `gateway`.
 * `onlink`, because the other end of the cable may still be down; `nodad`, because an address under test is
 * unusable for a second.
 *
 * @param addresses with prefix lengths, from `onLink()` or `alone()`
 */
export function connect(device: string, addresses: Dual<string>, gateway?: Dual<Address>): string[] {
  return [
    `link set ${device} up`,
    `addr add ${addresses.v4} dev ${device}`,
    `addr add ${addresses.v6} dev ${device} nodad`,
    ...(gateway ? both(gateway).map((via) => `route add default via ${via} dev ${device} onlink`) : []),
  ];
}

/** The addresses with the lengths of their networks: 192.0.2.11/25. */
export function onLink(addresses: Dual<Address>, networks: Dual<Prefix>): Dual<string> {
  return {
    v4: `${addresses.v4}/${rangeOf(networks.v4).length}`,
    v6: `${addresses.v6}/${rangeOf(networks.v6).length}`,
  };
}

/** The addresses without neighbours: 10.128.0.11/32. */
export function alone(addresses: Dual<Address>): Dual<string> {
  return { v4: `${addresses.v4}/32`, v6: `${addresses.v6}/128` };
}
