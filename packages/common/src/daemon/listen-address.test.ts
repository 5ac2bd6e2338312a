import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyAddress } from "../../testing/arbitrary.ts";
import { parseSocketAddress, showSocketAddress } from "./listen-address.ts";

const accepted = [
  { name: "IPv4 with a port", text: "192.0.2.1:53", want: "192.0.2.1:53" },
  { name: "IPv6 in brackets with a port", text: "[2001:DB8::1]:53", want: "[2001:db8::1]:53" },
  { name: "every address", text: "[::]:53", want: "[::]:53" },
  { name: "port 0, which lets the kernel choose", text: "127.0.0.1:0", want: "127.0.0.1:0" },
  { name: "IPv4 alone, where there is a default", text: "192.0.2.1", port: 53, want: "192.0.2.1:53" },
  { name: "IPv6 alone, where there is a default", text: "2001:db8::1", port: 53, want: "[2001:db8::1]:53" },
  { name: "IPv6 in brackets alone, where there is a default", text: "[::1]", port: 53, want: "[::1]:53" },
];

const refused = [
  { name: "an address without a port, where there is no default", text: "192.0.2.1" },
  { name: "IPv6 without brackets before a port", text: "2001:db8::1:53:" },
  { name: "a port without an address", text: ":53" },
  { name: "a name", text: "localhost:53" },
  { name: "a port beyond 65535", text: "192.0.2.1:65536" },
  { name: "a port that is no number", text: "192.0.2.1:dns" },
  { name: "a colon without a port", text: "192.0.2.1:", port: 53 },
  { name: "IPv4 in brackets", text: "[192.0.2.1]:53" },
  { name: "brackets that do not close", text: "[::1", port: 53 },
  { name: "a zone", text: "[fe80::1%eth0]:53" },
  { name: "nothing", text: "", port: 53 },
];

describe("parseSocketAddress()", () => {
  for (const { name, text, port, want } of accepted)
    it(`accepts ${name}`, () => expect(showSocketAddress(parseSocketAddress(text, port))).toBe(want));

  for (const { name, text, port } of refused)
    it(`refuses ${name}`, () => expect(() => parseSocketAddress(text, port)).toThrow(/^Cannot parse .*: .*accepted are /));

  it("reads back what showSocketAddress() printed", () => {
    fc.assert(
      fc.property(anyAddress, fc.integer({ min: 0, max: 65_535 }), (host, port) => {
        expect(parseSocketAddress(showSocketAddress({ host, port }))).toEqual({ host, port });
      }),
    );
  });
});
