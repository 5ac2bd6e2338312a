import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { settle } from "./settle.ts";

const cases = [
  { name: "leaves everything when nothing changed", before: "abc", wanted: "cba", want: "abc" },
  { name: "queues newcomers at the end", before: "ab", wanted: "abcd", want: "abcd" },
  { name: "fills a gap with the last in line", before: "abcd", wanted: "acd", want: "adc" },
  { name: "drops the last in line", before: "abc", wanted: "ab", want: "ab" },
  { name: "gives a leaver's slot to a newcomer", before: "abc", wanted: "xac", want: "axc" },
  { name: "replaces everybody", before: "ab", wanted: "xyz", want: "yxz" },
  { name: "empties", before: "abc", wanted: "", want: "" },
];

describe("settle()", () => {
  for (const { name, before, wanted, want } of cases) it(name, () => assert.equal(settle([...before], [...wanted]).join(""), want));

  it("holds exactly what is wanted and moves at most as many as left or came", () => {
    const items = fc.uniqueArray(fc.nat(20));
    fc.assert(
      fc.property(items, items, (before, wanted) => {
        const slots = settle(before, wanted);
        assert.deepEqual(slots.toSorted(), wanted.toSorted());
        const left = before.filter((item) => !wanted.includes(item)).length;
        const came = wanted.filter((item) => !before.includes(item)).length;
        const touched = Math.max(slots.length, before.length) - slots.filter((item, i) => before[i] === item).length;
        assert.ok(touched <= 2 * left + came, `${touched} slots touched for ${left} leavers and ${came} newcomers`);
      }),
    );
  });
});
