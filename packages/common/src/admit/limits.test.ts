import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shareLimit } from "./limits.ts";

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0);

/** What each name of `asked` gets. */
function shares(asked: Readonly<Record<string, number>>, limit: number) {
  const share = shareLimit(new Map(Object.entries(asked)), sum(Object.values(asked)), limit);
  return Object.fromEntries(Object.keys(asked).map((name) => [name, share(name)]));
}

const cases = [
  { name: "everything when all fit", asked: { a: 2, b: 3 }, limit: 5, want: { a: 2, b: 3 } },
  { name: "the rest to the name that no longer fits, nothing to those behind", asked: { c: 2, a: 2, b: 3 }, limit: 4, want: { a: 2, b: 2, c: 0 } },
  { name: "nothing when there is nothing", asked: { a: 1 }, limit: 0, want: { a: 0 } },
];

describe("shareLimit() gives", () => {
  for (const { name, asked, limit, want } of cases) it(name, () => expect(shares(asked, limit)).toEqual(want));

  it("nothing to a name that did not ask", () => {
    expect(shareLimit(new Map([["a", 9]]), 9, 9)("b")).toBe(0);
    expect(shareLimit(new Map([["a", 9]]), 9, 5)("b")).toBe(0);
  });

  it("never more than asked, in sum all that there is, and the same in every order of arrival", () => {
    const demands = fc.dictionary(fc.string({ maxLength: 3 }), fc.integer({ min: 0, max: 9 }), { noNullPrototype: true });
    fc.assert(
      fc.property(demands, fc.integer({ min: 0, max: 40 }), (asked, limit) => {
        const got = shares(asked, limit);
        for (const [name, share] of Object.entries(got)) expect(share).toBeLessThanOrEqual(asked[name] ?? 0);
        expect(sum(Object.values(got))).toBe(Math.min(limit, sum(Object.values(asked))));
        expect(shares(Object.fromEntries(Object.entries(asked).toReversed()), limit)).toEqual(got);
      }),
    );
  });
});
