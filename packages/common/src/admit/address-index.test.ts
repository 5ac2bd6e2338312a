import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyAddress, anyPrefix } from "../../testing/arbitrary.ts";
import { addressFrom, numberOf } from "../net/address.ts";
import type { Address } from "../net/address.ts";
import { containsAddress } from "../net/overlap.ts";
import { rangeOf } from "../net/prefix.ts";
import type { Prefix } from "../net/prefix.ts";
import { AddressIndex } from "./address-index.ts";

/** Addresses at and around the ends of a prefix, and anywhere. */
const around = (prefix: Prefix): fc.Arbitrary<Address> => {
  const { family, first, last } = rangeOf(prefix);
  return fc.oneof(anyAddress, fc.constantFrom(first, last, (first + last) / 2n).map((value) => addressFrom(family, value)));
};

interface Entry {
  readonly address: Address;
  readonly name: string;
}

const byAddress = (a: Entry, b: Entry): number => Number(numberOf(a.address) - numberOf(b.address)) || (a.name < b.name ? -1 : 1);

const given = anyPrefix.chain((prefix) =>
  fc.tuple(fc.constant(prefix), fc.array(fc.tuple(fc.boolean(), around(prefix), fc.constantFrom("a", "b", "c")), { maxLength: 20 })),
);

describe("AddressIndex", () => {
  it("finds the names of the addresses in a prefix, no others, and which is first", () => {
    fc.assert(
      fc.property(given, ([prefix, steps]) => {
        const [index, plain] = [new AddressIndex<string>(), new Map<string, Entry>()];
        for (const [isAdd, address, name] of steps) {
          const pair = `${address} ${name}`;
          if (isAdd) {
            expect(index.add(address, name)).toBe(!plain.has(pair));
            plain.set(pair, { address, name });
          } else {
            index.delete(address, name);
            plain.delete(pair);
          }
        }
        const want = [...plain.values()].filter(({ address }) => containsAddress(prefix, address)).toSorted(byAddress);
        expect([...index.within(prefix)].toSorted()).toEqual(want.map(({ name }) => name).toSorted());
        expect(index.lowestIn(prefix)).toEqual(want[0]);
      }),
    );
  });
});
