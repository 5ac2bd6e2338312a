import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyAddress } from "../../testing/arbitrary.ts";
import { addressFrom, addressFromBytes, bytesOf, familyOf, numberOf, parseAddress } from "./address.ts";

const accepted = [
  { name: "IPv4", text: "192.0.2.1", want: "192.0.2.1" },
  { name: "the lowest IPv4", text: "0.0.0.0", want: "0.0.0.0" },
  { name: "the highest IPv4", text: "255.255.255.255", want: "255.255.255.255" },
  { name: "IPv6", text: "2001:db8::1", want: "2001:db8::1" },
  { name: "upper case, to lower (RFC 5952 4.3)", text: "2001:DB8::A", want: "2001:db8::a" },
  { name: "leading zeros of a group, dropped (4.1)", text: "2001:0db8::0001", want: "2001:db8::1" },
  { name: "no `::`, to the longest run of zeros (4.2.1)", text: "1:0:0:0:2:0:0:3", want: "1::2:0:0:3" },
  { name: "one zero group, not shortened (4.2.2)", text: "1:0:3:4:5:6:7:8", want: "1:0:3:4:5:6:7:8" },
  { name: "`::` for one group, written out", text: "1:2:3:4:5:6:7::", want: "1:2:3:4:5:6:7:0" },
  { name: "two equal runs, the first shortened (4.2.3)", text: "2001:db8:0:0:1:0:0:1", want: "2001:db8::1:0:0:1" },
  { name: "the unspecified address", text: "0:0:0:0:0:0:0:0", want: "::" },
  { name: "IPv4 inside IPv6, as groups", text: "::ffff:192.0.2.1", want: "::ffff:c000:201" },
];

const refused = [
  { name: "nothing", text: "" },
  { name: "three numbers", text: "192.0.2" },
  { name: "five numbers", text: "192.0.2.1.1" },
  { name: "a number above 255", text: "256.0.2.1" },
  { name: "an octal look-alike", text: "192.0.2.010" },
  { name: "hexadecimal", text: "0x10.1.1.1" },
  { name: "a float", text: "1.1e1.2.3" },
  { name: "empty numbers", text: "1..." },
  { name: "a sign", text: "+1.2.3.4" },
  { name: "a space before", text: " 192.0.2.1" },
  { name: "a line break behind", text: "192.0.2.1\n" },
  { name: "full-width digits", text: "１92.0.2.1" },
  { name: "a prefix length", text: "192.0.2.1/24" },
  { name: "a port", text: "192.0.2.1:53" },
  { name: "a name", text: "localhost" },
  { name: "two `::`", text: "1::2::3" },
  { name: "three colons", text: ":::" },
  { name: "seven groups", text: "1:2:3:4:5:6:7" },
  { name: "nine groups", text: "1:2:3:4:5:6:7:8:9" },
  { name: "a group of five digits", text: "00001::" },
  { name: "a group that is no number", text: "12zz::1" },
  { name: "a zone", text: "fe80::1%eth0" },
  { name: "brackets", text: "[::1]" },
  { name: "a bad IPv4 tail", text: "::ffff:192.0.2.256" },
  { name: "an octal look-alike in the IPv4 tail", text: "::01.2.3.4" },
];

describe("parseAddress()", () => {
  for (const { name, text, want } of accepted) it(`accepts ${name}`, () => expect(parseAddress(text)).toBe(want));

  for (const { name, text } of refused)
    it(`refuses ${name}`, () => {
      expect(() => parseAddress(text)).toThrow(RangeError);
      expect(() => parseAddress(text)).toThrow(/^Cannot parse address ".*": accepted are IPv4 "192.0.2.1" and IPv6 "2001:db8::1"$/);
    });

  it("shows no more than the start of a long text", () => {
    expect(() => parseAddress("9".repeat(100_000))).toThrow(new RegExp(`"9{64}…"`));
  });

  it("reads back what it printed", () => {
    fc.assert(fc.property(anyAddress, (address) => parseAddress(address) === address));
  });

  it("throws nothing but RangeError, whatever the text", () => {
    const hostile = fc.string({ unit: fc.constantFrom(..."0123456789abcdefxg.:/%[]- "), maxLength: 45 });
    fc.assert(
      fc.property(hostile, (text) => {
        try {
          return parseAddress(parseAddress(text)) === parseAddress(text);
        } catch (error) {
          return error instanceof RangeError;
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("an address as a number and as bytes", () => {
  it("comes back from both", () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        expect(addressFrom(familyOf(address), numberOf(address))).toBe(address);
        expect(addressFromBytes(bytesOf(address))).toBe(address);
      }),
    );
  });

  it("is in network byte order", () => {
    expect([...bytesOf(parseAddress("192.0.2.1"))]).toEqual([192, 0, 2, 1]);
    expect([...bytesOf(parseAddress("2001:db8::1"))]).toEqual([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(numberOf(parseAddress("192.0.2.1"))).toBe(0xc0_00_02_01n);
  });
});
