import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyAddress, anyPrefix } from "../../testing/arbitrary.ts";
import { addressFrom, parseAddress } from "./address.ts";
import type { Address } from "./address.ts";
import { containsAddress } from "./overlap.ts";
import { PrefixMap } from "./prefix-map.ts";
import { parsePrefix, rangeOf } from "./prefix.ts";
import type { Prefix } from "./prefix.ts";

const map = new PrefixMap(
  Object.entries({ "10.0.0.0/8": "wide", "10.1.0.0/16": "narrow", "10.1.2.3/32": "one", "fd00::/16": "six", "::/0": "any six" }).map(
    ([prefix, value]) => [parsePrefix(prefix), value] as const,
  ),
);

const cases = [
  { name: "the only prefix around it", address: "10.9.9.9", want: "wide" },
  { name: "the longer of two", address: "10.1.9.9", want: "narrow" },
  { name: "a prefix of a single address", address: "10.1.2.3", want: "one" },
  { name: "an IPv6 prefix", address: "fd00::1", want: "six" },
  { name: "the default route", address: "2001:db8::1", want: "any six" },
  { name: "nothing when no prefix holds it", address: "192.0.2.1", want: undefined },
];

/** What a longest match is, said plainly. */
const naive = (entries: readonly (readonly [Prefix, number])[], address: Address): number | undefined =>
  entries
    .filter(([prefix]) => containsAddress(prefix, address))
    .toSorted(([a], [b]) => rangeOf(b).length - rangeOf(a).length)[0]?.[1];

describe("PrefixMap", () => {
  for (const { name, address, want } of cases) it(`finds ${name}`, () => expect(map.match(parseAddress(address))).toBe(want));

  it("finds nothing when it is empty", () => expect(new PrefixMap().match(parseAddress("::1"))).toBeUndefined());

  it("equals a plain longest match, also after some were set again and others deleted", () => {
    const entries = fc.uniqueArray(anyPrefix, { maxLength: 12 }).map((prefixes) => prefixes.map((prefix, i) => [prefix, i] as const));
    fc.assert(
      fc.property(entries, anyAddress, (all, anywhere) => {
        const firsts = all.map(([prefix]) => addressFrom(rangeOf(prefix).family, rangeOf(prefix).first));
        const [changing, rest] = [new PrefixMap(all), all.filter((_, i) => i % 2 === 0).map(([prefix, value]) => [prefix, value + 100] as const)];
        for (const address of [anywhere, ...firsts]) expect(changing.match(address)).toBe(naive(all, address));
        for (const [prefix] of all) changing.delete(prefix);
        for (const [prefix, value] of rest) changing.set(prefix, value);
        for (const address of [anywhere, ...firsts]) expect(changing.match(address)).toBe(naive(rest, address));
      }),
    );
  });
});
