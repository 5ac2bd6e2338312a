import { familyOf, numberOf } from "./address.ts";
import type { Address } from "./address.ts";
import { rangeOf } from "./prefix.ts";
import type { Prefix } from "./prefix.ts";

/** True when `prefix` holds `address`; false across families. */
export function containsAddress(prefix: Prefix, address: Address): boolean {
  const range = rangeOf(prefix);
  if (range.family !== familyOf(address)) return false;
  const value = numberOf(address);
  return value >= range.first && value <= range.last;
}

/** True when every address of `inner` is in `outer`; a prefix contains itself. */
export function containsPrefix(outer: Prefix, inner: Prefix): boolean {
  const a = rangeOf(outer);
  const b = rangeOf(inner);
  return a.family === b.family && a.first <= b.first && b.last <= a.last;
}

/** True when the prefixes share an address: CIDR prefixes overlap only by one containing the other. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return containsPrefix(a, b) || containsPrefix(b, a);
}
