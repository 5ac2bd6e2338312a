import { CommonError } from "../errors.ts";

// Attributes of netlink(7): type, length and value, one inside the other. Numbers are little-endian, as in netlink-message.ts.

/** One attribute; those of a nested one are in `payload`. */
export interface Attribute {
  /** Without the bits that say "nested" and "network byte order". */
  readonly type: number;
  readonly payload: Buffer;
}

const HEADER = 4;
/** NLA_F_NESTED; the kernel's strict parsers insist on it. */
const NESTED = 0x8000;
const TYPE_MASK = 0x3fff;
const align = (length: number): number => (length + 3) & ~3;

/** @throws {RangeError} when the payload is longer than an attribute can be, 65,531 bytes */
export function attribute(type: number, payload: Uint8Array): Buffer {
  const length = HEADER + payload.length;
  const out = Buffer.alloc(align(length));
  out.writeUInt16LE(length, 0);
  out.writeUInt16LE(type, 2);
  out.set(payload, HEADER);
  return out;
}

/** An attribute made of others, marked as such. */
export const nest = (type: number, parts: readonly Uint8Array[]): Buffer => attribute(type | NESTED, Buffer.concat(parts));

/**
 * The attributes of a message or of a nested attribute, in order.
 *
 * @throws {CommonError} NETLINK_UNREADABLE when a length leads outside
 */
export function attributesOf(bytes: Buffer): Attribute[] {
  const attributes: Attribute[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = at + HEADER <= bytes.length ? bytes.readUInt16LE(at) : 0;
    if (length < HEADER || length > bytes.length - at) throw unreadable(at, length, bytes.length);
    attributes.push({ type: bytes.readUInt16LE(at + 2) & TYPE_MASK, payload: bytes.subarray(at + HEADER, at + length) });
    at += align(length);
  }
  return attributes;
}

function unreadable(at: number, length: number, size: number): CommonError {
  const problem = `the attribute at byte ${at} of ${size} says that it is ${length} bytes long`;
  return new CommonError({ code: "NETLINK_UNREADABLE", problem });
}
