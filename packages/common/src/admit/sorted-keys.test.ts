import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SortedKeys } from "./sorted-keys.ts";

/** Keys are added up to `many`, so that there are several chunks, and each step then adds or takes one away. */
const walks = fc.record({
  many: fc.constantFrom(0, 3, 512, 513, 2000),
  steps: fc.array(fc.tuple(fc.boolean(), fc.integer({ min: -1, max: 2001 })), { maxLength: 60 }),
});

describe("SortedKeys", () => {
  it("holds what was added and not deleted, in order from either end and from any key", () => {
    fc.assert(
      fc.property(walks, fc.integer({ min: -2, max: 2002 }), ({ many, steps }, somewhere) => {
        const [keys, plain] = [new SortedKeys<bigint>(), new Set<bigint>()];
        const all = [...Array.from({ length: many }, (_, key) => [true, key] as const), ...steps];
        for (const [isAdd, key] of all) for (const one of [keys, plain]) one[isAdd ? "add" : "delete"](BigInt(key));
        const sorted = [...plain].toSorted((a, b) => (a < b ? -1 : 1));
        expect([...keys.from(-2n)]).toEqual(sorted);
        expect([...keys.below(undefined)]).toEqual(sorted.toReversed());
        expect([...keys.from(BigInt(somewhere))]).toEqual(sorted.filter((key) => key >= somewhere));
        expect([...keys.below(BigInt(somewhere))]).toEqual(sorted.filter((key) => key < somewhere).toReversed());
      }),
      { numRuns: 60 },
    );
  });

  it("holds nothing once everything was taken away, and takes the next", () => {
    const keys = new SortedKeys<string>();
    for (const key of ["b", "a", "c"]) keys.add(key);
    for (const key of ["b", "c", "a", "z"]) keys.delete(key);
    expect([...keys.from("")]).toEqual([]);
    keys.add("d");
    expect([...keys.from("")]).toEqual(["d"]);
  });
});
