import { addressFrom } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";
import { prefixOf, rangeOf, widthOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";

/** One value for each IP family. */
export interface Dual<T> {
  readonly v4: T;
  readonly v6: T;
}

export const both = <T>({ v4, v6 }: Dual<T>): readonly [T, T] => [v4, v6];

/** The `n`th address of a prefix; 0 is its first. */
export function nthAddress(prefix: Prefix, n: number): Address {
  const { family, first } = rangeOf(prefix);
  return addressFrom(family, first + BigInt(n));
}

/** The `n`th prefix of `length` bits inside `prefix`; 0 is its first. */
export function nthSubnet(prefix: Prefix, length: number, n: number): Prefix {
  const { family, first } = rangeOf(prefix);
  return prefixOf(addressFrom(family, first + (BigInt(n) << BigInt(widthOf(family) - length))), length);
}

/** The `n`th address of both prefixes, with the same digits in both: 10.128.0.12 and fd00:128::12. */
export function nthPair(prefixes: Dual<Prefix>, n: number): Dual<Address> {
  return { v4: nthAddress(prefixes.v4, n), v6: nthAddress(prefixes.v6, Number.parseInt(String(n), 16)) };
}
