import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyAddress, anyPrefix } from "../../testing/arbitrary.ts";
import { addressFrom, familyOf, numberOf, parseAddress } from "./address.ts";
import { containsAddress, containsPrefix, overlaps } from "./overlap.ts";
import { parsePrefix, prefixOf, rangeOf, widthOf } from "./prefix.ts";

const cases = [
  { name: "a prefix and itself", a: "10.0.0.0/8", b: "10.0.0.0/8", contains: true, overlap: true },
  { name: "a prefix and one inside it", a: "10.0.0.0/8", b: "10.1.0.0/16", contains: true, overlap: true },
  { name: "a prefix and one around it", a: "10.1.0.0/16", b: "10.0.0.0/8", contains: false, overlap: true },
  { name: "neighbours", a: "10.0.0.0/16", b: "10.1.0.0/16", contains: false, overlap: false },
  { name: "everything and an address", a: "0.0.0.0/0", b: "255.255.255.255/32", contains: true, overlap: true },
  { name: "IPv6 nested", a: "fd00::/16", b: "fd00:132::/48", contains: true, overlap: true },
  { name: "IPv6 neighbours", a: "fd00::/48", b: "fd00:0:1::/48", contains: false, overlap: false },
  { name: "the default routes of both families", a: "0.0.0.0/0", b: "::/0", contains: false, overlap: false },
  { name: "an IPv4 prefix and its mapped form", a: "10.0.0.0/8", b: "::ffff:a00:0/104", contains: false, overlap: false },
];

describe("containsPrefix() and overlaps()", () => {
  for (const { name, a, b, contains, overlap } of cases)
    it(`tell of ${name}`, () => {
      expect(containsPrefix(parsePrefix(a), parsePrefix(b))).toBe(contains);
      expect(overlaps(parsePrefix(a), parsePrefix(b))).toBe(overlap);
      expect(overlaps(parsePrefix(b), parsePrefix(a))).toBe(overlap);
    });

  it("agree with arithmetic on the ranges", () => {
    fc.assert(
      fc.property(anyPrefix, anyPrefix, (a, b) => {
        const [x, y] = [rangeOf(a), rangeOf(b)];
        const shared = x.family === y.family && x.first <= y.last && y.first <= x.last;
        expect(overlaps(a, b)).toBe(shared);
        expect(containsPrefix(a, b)).toBe(shared && x.length <= y.length);
      }),
    );
  });
});

describe("containsAddress()", () => {
  it("holds for the first and the last address, and for none beside them", () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        const { family, first, last } = rangeOf(prefix);
        expect(containsAddress(prefix, addressFrom(family, first))).toBe(true);
        expect(containsAddress(prefix, addressFrom(family, last))).toBe(true);
        if (first > 0n) expect(containsAddress(prefix, addressFrom(family, first - 1n))).toBe(false);
        if (last + 1n < 1n << BigInt(widthOf(family))) expect(containsAddress(prefix, addressFrom(family, last + 1n))).toBe(false);
      }),
    );
  });

  it("holds for every prefix that is cut from the address, and for no other family", () => {
    fc.assert(
      fc.property(anyAddress, fc.integer({ min: 0, max: 32 }), (address, length) => {
        expect(containsAddress(prefixOf(address, length), address)).toBe(true);
        const other = familyOf(address) === 4 ? parseAddress("::") : parseAddress("0.0.0.0");
        expect(containsAddress(prefixOf(other, 0), address)).toBe(false);
        expect(numberOf(address) >= rangeOf(prefixOf(address, length)).first).toBe(true);
      }),
    );
  });
});
