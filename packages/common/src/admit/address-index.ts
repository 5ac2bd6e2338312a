import { addressFrom, familyOf, numberOf } from "../net/address.ts";
import type { Address, Family } from "../net/address.ts";
import { rangeOf } from "../net/prefix.ts";
import type { Prefix } from "../net/prefix.ts";
import { NameIndex } from "./name-index.ts";
import { SortedKeys } from "./sorted-keys.ts";

/** Names by address, found by prefix. A look-up costs what it finds. */
export class AddressIndex<N extends string> {
  readonly #names: Record<Family, NameIndex<bigint, N>> = { 4: new NameIndex(), 6: new NameIndex() };
  readonly #order: Record<Family, SortedKeys<bigint>> = { 4: new SortedKeys(), 6: new SortedKeys() };

  /** Returns false when the name stood there before. */
  add(address: Address, name: N): boolean {
    const [family, value] = [familyOf(address), numberOf(address)];
    const isNew = this.#names[family].add(value, name);
    if (isNew) this.#order[family].add(value);
    return isNew;
  }

  delete(address: Address, name: N): void {
    const [family, value] = [familyOf(address), numberOf(address)];
    if (this.#names[family].delete(value, name)) this.#order[family].delete(value);
  }

  /** The names of every address in `prefix`. */
  *within(prefix: Prefix): Iterable<N> {
    const { family, first, last } = rangeOf(prefix);
    for (const value of this.#order[family].from(first)) {
      if (value > last) return;
      yield* this.#names[family].of(value);
    }
  }

  /** The lowest address in `prefix`, with the first of its names in order. */
  lowestIn(prefix: Prefix): { readonly address: Address; readonly name: N } | undefined {
    const { family, first, last } = rangeOf(prefix);
    const [value] = this.#order[family].from(first);
    if (value === undefined || value > last) return undefined;
    const name = this.#names[family].first(value);
    return name === undefined ? undefined : { address: addressFrom(family, value), name };
  }
}
