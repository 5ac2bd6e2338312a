import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numberIn } from "../../testing/arbitrary.ts";
import { addressFrom, parseAddress } from "./address.ts";
import type { Family } from "./address.ts";
import { containsAddress } from "./overlap.ts";
import { parsePrefix, prefixOf, rangeOf } from "./prefix.ts";
import { translate } from "./translate.ts";
import type { Mapping } from "./translate.ts";

const mapping = (cidr: string, as = cidr): Mapping => ({ cidr: parsePrefix(cidr), as: parsePrefix(as) });
const mappings = [mapping("10.96.0.0/16", "10.97.0.0/16"), mapping("172.30.0.0/16"), mapping("fd00:96::/112", "fd00:97::/112")];

const cases = [
  { name: "moves an address, host bits kept", address: "10.96.3.7", want: "10.97.3.7" },
  { name: "moves the first address", address: "10.96.0.0", want: "10.97.0.0" },
  { name: "moves the last address", address: "10.96.255.255", want: "10.97.255.255" },
  { name: "leaves an address whose prefix is not mapped elsewhere", address: "172.30.0.1", want: "172.30.0.1" },
  { name: "moves IPv6", address: "fd00:96::abcd", want: "fd00:97::abcd" },
  { name: "knows nothing of an address outside", address: "10.98.0.1", want: undefined },
  { name: "knows nothing of an address that is inside a target only", address: "10.97.0.1", want: undefined },
];

describe("translate()", () => {
  for (const { name, address, want } of cases) it(name, () => expect(translate(parseAddress(address), mappings)).toBe(want));

  /** Two prefixes of one length and family, and an address in the first. */
  const moves = fc.constantFrom<Family>(4, 6).chain((family) =>
    fc.tuple(numberIn(family), numberIn(family), numberIn(family), fc.integer({ min: 0, max: family === 4 ? 32 : 128 })).map(([a, b, host, length]) => {
      const [cidr, as] = [prefixOf(addressFrom(family, a), length), prefixOf(addressFrom(family, b), length)];
      const { first, last } = rangeOf(cidr);
      return { there: { cidr, as }, back: { cidr: as, as: cidr }, address: addressFrom(family, first + (host % (last - first + 1n))) };
    }),
  );

  it("is a bijection: the way back leads to the same address, and nothing leaves the target", () => {
    fc.assert(
      fc.property(moves, ({ there, back, address }) => {
        const moved = translate(address, [there]);
        expect(moved).toBeDefined();
        expect(containsAddress(there.as, moved ?? address)).toBe(true);
        expect(translate(moved ?? address, [back])).toBe(address);
      }),
    );
  });
});
