/** A resource record inside a message, as offsets; filled anew by each `readRecord()`. */
export interface RecordSpan {
  /** Where the owner name begins. */
  start: number;
  type: number;
  class: number;
  /** Offset of the TTL, four bytes. */
  ttlAt: number;
  /** Offset of the rdata. */
  dataAt: number;
  /** Offset behind the record. */
  end: number;
}

/**
 * Steps over a name, which may end in a compression pointer (RFC 1035 §4.1.4); the pointer is not followed.
 *
 * @returns the offset behind it, or -1 when it is cut off or malformed
 */
export function skipName(message: Uint8Array, offset: number, end: number): number {
  let at = offset;
  while (at < end) {
    const length = message[at] as number;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2 <= end ? at + 2 : -1;
    if (length > 63 || at - offset > 254) return -1;
    at += length + 1;
  }
  return -1;
}

/** Reads the record at `offset` into `span`; false when it is cut off. */
export function readRecord(message: Uint8Array, offset: number, span: RecordSpan): boolean {
  const at = skipName(message, offset, message.length);
  if (at < 0 || at + 10 > message.length) return false;
  span.start = offset;
  span.type = ((message[at] as number) << 8) | (message[at + 1] as number);
  span.class = ((message[at + 2] as number) << 8) | (message[at + 3] as number);
  span.ttlAt = at + 4;
  span.dataAt = at + 10;
  span.end = at + 10 + (((message[at + 8] as number) << 8) | (message[at + 9] as number));
  return span.end <= message.length;
}

/** An empty span to read into. */
export const newSpan = (): RecordSpan => ({ start: 0, type: 0, class: 0, ttlAt: 0, dataAt: 0, end: 0 });
