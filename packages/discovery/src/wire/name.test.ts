import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expandName } from "./expand.ts";
import { decodeName, encodeName } from "./name.ts";

const bytes = (...values: (number | string)[]): Uint8Array =>
  Uint8Array.from(values.flatMap((value) => (typeof value === "string" ? [...value].map((c) => c.charCodeAt(0)) : value)));

describe("encodeName()", () => {
  const rows: [string, Uint8Array | undefined][] = [
    ["", bytes(0)],
    [".", bytes(0)],
    ["a", bytes(1, "a", 0)],
    ["a.", bytes(1, "a", 0)],
    ["www.Example.com", bytes(3, "www", 7, "Example", 3, "com", 0)],
    ["a\\.b.c", bytes(3, "a.b", 1, "c", 0)],
    ["a\\\\.c", bytes(2, "a\\", 1, "c", 0)],
    ["\\000\\255.c", bytes(2, 0, 255, 1, "c", 0)],
    ["a\\\\.", bytes(2, "a\\", 0)],
    ["a\\.", bytes(2, "a.", 0)],
    ["..", undefined],
    ["a..b", undefined],
    [".a", undefined],
    ["a\\", undefined],
    ["\\256", undefined],
    ["\\12", undefined],
    ["ä", undefined],
    ["a".repeat(63), bytes(63, "a".repeat(63), 0)],
    ["a".repeat(64), undefined],
    [Array.from({ length: 127 }, () => "a").join("."), bytes(...Array.from({ length: 127 }, () => [1, 97]).flat(), 0)],
    [Array.from({ length: 128 }, () => "a").join("."), undefined],
  ];
  for (const [text, want] of rows) it(`of ${JSON.stringify(text.slice(0, 30))}`, () => expect(encodeName(text)).toEqual(want));

  it("is the inverse of decodeName(), for every byte", () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 3 }), (labels) => {
        const wire = Uint8Array.from([...labels.flatMap((one) => [one.length, ...one]), 0]);
        expect(encodeName(decodeName(wire))).toEqual(wire);
      }),
    );
  });
});

describe("expandName()", () => {
  const message = bytes("............", 3, "www", 0xc0, 18, 7, "example", 0, 0xc0, 12, 0xc0, 29, 0xc0, 255);
  const rows: [string, number, string | undefined][] = [
    ["a name without pointers", 18, "example"],
    ["a pointer that leads to a pointer that leads forwards", 12, undefined],
    ["a pointer to itself", 29, undefined],
    ["a pointer out of the message", 31, undefined],
  ];
  for (const [sentence, offset, want] of rows)
    it(sentence, () => {
      const name = expandName(message, offset);
      expect(name && decodeName(name)).toBe(want);
    });

  it("follows pointers backwards", () => {
    const packed = bytes("............", 7, "example", 0, 3, "www", 0xc0, 12);
    expect(decodeName(expandName(packed, 21) ?? new Uint8Array(1))).toBe("www.example");
  });

  it("ends, whatever it is given", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (junk, at) => {
      const name = expandName(junk, at);
      if (name) expect(name.length).toBeLessThanOrEqual(255);
    }));
  });
});
