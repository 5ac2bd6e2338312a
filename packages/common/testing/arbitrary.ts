import fc from "fast-check";
import { addressFrom } from "../src/net/address.ts";
import type { Address, Family } from "../src/net/address.ts";
import { prefixOf, widthOf } from "../src/net/prefix.ts";
import type { Prefix } from "../src/net/prefix.ts";

/** Any number that fits an address of the family. */
export const numberIn = (family: Family): fc.Arbitrary<bigint> => fc.bigInt({ min: 0n, max: (1n << BigInt(widthOf(family))) - 1n });

const family = fc.constantFrom<Family>(4, 6);

/** Any address of either family, canonical. */
export const anyAddress: fc.Arbitrary<Address> = family.chain((f) => numberIn(f).map((value) => addressFrom(f, value)));

/** Any prefix of either family; short and long ones, so that two of them often nest. */
export const anyPrefix: fc.Arbitrary<Prefix> = family.chain((f) =>
  fc
    .tuple(fc.oneof(fc.constant(0n), numberIn(f)), fc.integer({ min: 0, max: widthOf(f) }))
    .map(([value, length]) => prefixOf(addressFrom(f, value), length)),
);
