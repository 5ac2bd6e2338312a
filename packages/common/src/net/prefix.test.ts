import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyPrefix } from "../../testing/arbitrary.ts";
import { numberOf, parseAddress } from "./address.ts";
import { parsePrefix, prefixOf, rangeOf, widthOf } from "./prefix.ts";

const accepted = [
  { name: "IPv4", text: "10.132.0.0/14", want: "10.132.0.0/14" },
  { name: "the default route", text: "0.0.0.0/0", want: "0.0.0.0/0" },
  { name: "a single address", text: "192.0.2.1/32", want: "192.0.2.1/32" },
  { name: "IPv6, made canonical", text: "FD00:0132::/48", want: "fd00:132::/48" },
  { name: "the IPv6 default route", text: "::/0", want: "::/0" },
  { name: "a single IPv6 address", text: "2001:db8::1/128", want: "2001:db8::1/128" },
];

const refused = [
  { name: "an address alone", text: "10.0.0.0", says: /accepted are "10.0.0.0\/8" and "fd00::\/48"/ },
  { name: "no length", text: "10.0.0.0/", says: /Cannot parse prefix/ },
  { name: "no address", text: "/8", says: /Cannot parse address ""/ },
  { name: "a netmask", text: "10.0.0.0/255.0.0.0", says: /Cannot parse prefix/ },
  { name: "two lengths", text: "10.0.0.0/8/8", says: /Cannot parse prefix/ },
  { name: "a leading zero", text: "10.0.0.0/08", says: /Cannot parse prefix/ },
  { name: "a sign", text: "10.0.0.0/-1", says: /Cannot parse prefix/ },
  { name: "a length beyond IPv4", text: "10.0.0.0/33", says: /prefix length 33 for 10.0.0.0: it must be 0 to 32/ },
  { name: "a length beyond IPv6", text: "fd00::/129", says: /prefix length 129 for fd00::: it must be 0 to 128/ },
  { name: "host bits, with the prefix that is meant", text: "10.132.0.1/14", says: /host bits set; did you mean 10.132.0.0\/14\?/ },
  { name: "IPv6 host bits", text: "fd00::1/64", says: /host bits set; did you mean fd00::\/64\?/ },
  { name: "a bad address", text: "10.0.0/8", says: /Cannot parse address "10.0.0"/ },
  { name: "a space", text: "10.0.0.0/8 ", says: /Cannot parse prefix/ },
];

describe("parsePrefix()", () => {
  for (const { name, text, want } of accepted) it(`accepts ${name}`, () => expect(parsePrefix(text)).toBe(want));

  for (const { name, text, says } of refused)
    it(`refuses ${name}`, () => {
      expect(() => parsePrefix(text)).toThrow(RangeError);
      expect(() => parsePrefix(text)).toThrow(says);
    });

  it("shows no more than the start of a long text", () => {
    const long = "9".repeat(10_000);
    for (const text of [long, `${long}/8`, `10.0.0.0/${long}`])
      expect(() => parsePrefix(text)).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{0,200}$/) }));
  });

  it("reads back what it printed", () => {
    fc.assert(fc.property(anyPrefix, (prefix) => parsePrefix(prefix) === prefix));
  });
});

describe("prefixOf()", () => {
  it("clears host bits", () => expect(prefixOf(parseAddress("10.135.255.255"), 14)).toBe("10.132.0.0/14"));

  for (const length of [-1, 33, 1.5, Number.NaN])
    it(`refuses the length ${length}`, () => expect(() => prefixOf(parseAddress("10.0.0.0"), length)).toThrow(RangeError));
});

describe("rangeOf()", () => {
  it("spans 2^(width - length) addresses from the prefix's own", () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        const { family, length, first, last } = rangeOf(prefix);
        expect(last - first + 1n).toBe(1n << BigInt(widthOf(family) - length));
        expect(first).toBe(numberOf(parseAddress(prefix.split("/")[0] ?? "")));
      }),
    );
  });
});
