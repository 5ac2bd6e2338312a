import { MAX_NAME } from "./name.ts";

/**
 * The name at `offset` of a message, compression undone (RFC 1035 §4.1.4).
 *
 * @returns `undefined` when it is cut off, too long, or its pointers do not lead backwards
 */
export function expandName(message: Uint8Array, offset: number): Uint8Array | undefined {
  const bytes: number[] = [];
  let at = offset;
  let lowest = offset;
  while (at < message.length && bytes.length < MAX_NAME) {
    const length = message[at] as number;
    if (length >= 0xc0) {
      const target = ((length & 0x3f) << 8) | (message[at + 1] ?? 0);
      if (target >= lowest) return undefined; // a loop would have to lead forwards somewhere
      lowest = target;
      at = target;
      continue;
    }
    if (length > 63 || at + 1 + length > message.length) return undefined;
    bytes.push(length, ...message.subarray(at + 1, at + 1 + length));
    if (length === 0) return bytes.length <= MAX_NAME ? Uint8Array.from(bytes) : undefined;
    at += length + 1;
  }
  return undefined;
}
