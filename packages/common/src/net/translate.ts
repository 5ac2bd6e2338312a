import { addressFrom, numberOf } from "./address.ts";
import type { Address } from "./address.ts";
import { containsAddress } from "./overlap.ts";
import { rangeOf } from "./prefix.ts";
import type { Prefix } from "./prefix.ts";

/** A prefix as its owner knows it, and the prefix of the same length under which we reach it. */
export interface Mapping {
  readonly cidr: Prefix;
  /** Equal to `cidr` when the prefix is not translated. */
  readonly as: Prefix;
}

/**
 * Moves an address from its owner's prefix into ours, host bits kept (NETMAP).
 *
 * @returns `undefined` when no mapping's `cidr` holds the address
 */
export function translate(address: Address, mappings: readonly Mapping[]): Address | undefined {
  const mapping = mappings.find(({ cidr }) => containsAddress(cidr, address));
  if (!mapping) return undefined;
  if (mapping.cidr === mapping.as) return address;
  const from = rangeOf(mapping.cidr);
  const to = rangeOf(mapping.as);
  return addressFrom(to.family, to.first + (numberOf(address) - from.first));
}
