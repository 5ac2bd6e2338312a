import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommonError } from "../errors.ts";
import { attribute, attributesOf, nest } from "./attributes.ts";
import { decodeMessages, encodeMessage } from "./netlink-message.ts";

const bytes = fc.uint8Array({ maxLength: 200 }).map((data) => Buffer.from(data));
const u16 = fc.integer({ min: 0, max: 0xffff });
const pad = (data: Buffer): Buffer => Buffer.concat([data, Buffer.alloc(-data.length & 3)]);

/** Whatever comes: a list that is no longer than the input allows, or the package's own error. */
function readsOrRefuses(read: (data: Buffer) => readonly unknown[], data: Buffer): void {
  try {
    expect(read(data).length).toBeLessThanOrEqual(data.length / 4);
  } catch (error) {
    expect(error).toBeInstanceOf(CommonError);
    expect((error as CommonError).fault.code).toBe("NETLINK_UNREADABLE");
  }
}

describe("messages of netlink", () => {
  it("have the bytes of struct nlmsghdr", () => {
    const message = { type: 0x1c, flags: 0x305, sequence: 7, payload: Buffer.from("00010000", "hex") };
    expect(encodeMessage(message).toString("hex")).toBe("14000000" + "1c00" + "0503" + "07000000" + "00000000" + "00010000");
  });

  it("are read back, several from one datagram", () =>
    fc.assert(
      fc.property(fc.array(fc.record({ type: u16, flags: u16, sequence: u16, payload: bytes })), (messages) => {
        expect(decodeMessages(Buffer.concat(messages.map((message) => pad(encodeMessage(message)))))).toEqual(messages.map((message) => ({ ...message, port: 0 })));
      }),
    ));

  it("refuse what is none", () => fc.assert(fc.property(bytes, (data) => readsOrRefuses(decodeMessages, data))));
});

describe("attributes of netlink", () => {
  it("have the bytes of struct nlattr, padded and marked as nested", () => {
    const inner = attribute(3, Buffer.from([24]));
    expect(inner.toString("hex")).toBe("0500" + "0300" + "18" + "000000");
    expect(nest(9, [inner]).toString("hex")).toBe("0c00" + "0980" + "0500030018000000");
  });

  it("are read back", () =>
    fc.assert(
      fc.property(fc.array(fc.record({ type: fc.integer({ min: 0, max: 0x3fff }), payload: bytes })), (attributes) => {
        const data = Buffer.concat(attributes.map(({ type, payload }) => attribute(type, payload)));
        expect(attributesOf(data)).toEqual(attributes);
        expect(attributesOf(attributesOf(nest(1, [data]))[0]!.payload)).toEqual(attributes);
      }),
    ));

  it("refuse what is none", () => fc.assert(fc.property(bytes, (data) => readsOrRefuses(attributesOf, data))));
});
