import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Quota } from "./quota.ts";

type Demands = Readonly<Record<string, number>>;

/** The rule, said plainly: in name order each takes what it asks for until nothing is left. */
function plainly(asked: Demands, limit: number): Record<string, number> {
  let left = limit;
  return Object.fromEntries(
    Object.entries(asked).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, amount]) => {
      const share = Math.min(left, amount);
      left -= share;
      return [name, share];
    }),
  );
}

function grants(asked: Demands, limit: number): Record<string, number> {
  const quota = new Quota(limit);
  for (const [name, amount] of Object.entries(asked)) quota.ask(name, amount);
  return Object.fromEntries(Object.keys(asked).map((name) => [name, quota.grant(name)]));
}

const cases = [
  { name: "everything when all fit", asked: { a: 2, b: 3 }, limit: 5, want: { a: 2, b: 3 } },
  { name: "the rest to the name that no longer fits, nothing to those behind", asked: { c: 2, a: 2, b: 3 }, limit: 4, want: { a: 2, b: 2, c: 0 } },
  { name: "nothing when there is nothing", asked: { a: 1 }, limit: 0, want: { a: 0 } },
];

const names = ["a", "b", "c", "d", "e", "f"];
const steps = fc.array(fc.tuple(fc.constantFrom(...names), fc.integer({ min: 0, max: 4 })), { maxLength: 30 });

describe("Quota gives", () => {
  for (const { name, asked, limit, want } of cases) it(name, () => expect(grants(asked, limit)).toEqual(want));

  it("nothing to a name that did not ask", () => {
    for (const limit of [9, 5]) {
      const quota = new Quota(limit);
      quota.ask("b", 9);
      for (const stranger of ["a", "c"]) expect(quota.grant(stranger)).toBe(0);
    }
  });

  it("what the plain rule gives, and tells of each name that gets more or less", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 12 }), (all, limit) => {
        const [quota, asked]: [Quota<string>, Record<string, number>] = [new Quota(limit), {}];
        for (const [name, amount] of all) {
          const before = names.map((one) => [one, quota.grant(one)] as const);
          asked[name] = amount;
          const concerned = quota.ask(name, amount);
          const want = plainly(asked, limit);
          expect(Object.fromEntries(Object.keys(want).map((one) => [one, quota.grant(one)]))).toEqual(want);
          for (const [one, grant] of before) if (grant !== quota.grant(one)) expect(concerned).toContain(one);
        }
        expect(quota.size).toBe(Object.values(asked).filter((amount) => amount > 0).length);
      }),
      { numRuns: 300 },
    );
  });

  it("a change without looking at names that it does not concern", () => {
    const quota = new Quota<string>(100);
    for (let i = 0; i < 1000; i++) quota.ask(`n${String(i).padStart(3, "0")}`, 1);
    expect([...quota.ask("n500", 0)]).toEqual(["n500"]);
    expect([...quota.ask("n050", 0)].toSorted()).toEqual(["n050", "n100", "n101"]);
  });
});
