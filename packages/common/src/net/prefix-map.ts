import { familyOf, numberOf } from "./address.ts";
import type { Address, Family } from "./address.ts";
import { rangeOf, widthOf } from "./prefix.ts";
import type { Prefix } from "./prefix.ts";

/**
 * Values by prefix, found by longest match. One hash look-up per distinct prefix length, so the cost of
 * a look-up does not depend on the number of prefixes.
 */
export class PrefixMap<V> {
  readonly #byLength: Record<Family, Map<number, Map<bigint, V>>> = { 4: new Map(), 6: new Map() };
  readonly #lengths: Record<Family, number[]> = { 4: [], 6: [] };

  constructor(entries: Iterable<readonly [Prefix, V]> = []) {
    for (const [prefix, value] of entries) this.set(prefix, value);
  }

  set(prefix: Prefix, value: V): void {
    const { family, length, bits } = placeOf(prefix);
    const bucket = this.#byLength[family].get(length);
    if (bucket) return void bucket.set(bits, value);
    this.#byLength[family].set(length, new Map([[bits, value]]));
    this.#sortLengths(family);
  }

  delete(prefix: Prefix): void {
    const { family, length, bits } = placeOf(prefix);
    const bucket = this.#byLength[family].get(length);
    bucket?.delete(bits);
    if (bucket?.size !== 0) return;
    this.#byLength[family].delete(length);
    this.#sortLengths(family);
  }

  /** The value of the longest prefix that holds `address`. */
  match(address: Address): V | undefined {
    const family = familyOf(address);
    const value = numberOf(address);
    for (const length of this.#lengths[family]) {
      const found = this.#byLength[family].get(length)?.get(value >> BigInt(widthOf(family) - length));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #sortLengths(family: Family): void {
    this.#lengths[family] = [...this.#byLength[family].keys()].toSorted((a, b) => b - a);
  }
}

/** Where a prefix stands: the bits that all of its addresses share, among those of its length. */
function placeOf(prefix: Prefix): { readonly family: Family; readonly length: number; readonly bits: bigint } {
  const { family, length, first } = rangeOf(prefix);
  return { family, length, bits: first >> BigInt(widthOf(family) - length) };
}
