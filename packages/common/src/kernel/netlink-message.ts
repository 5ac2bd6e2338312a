import { CommonError, messageOf } from "../errors.ts";

// Messages of netlink(7). Numbers are in the machine's byte order, which is taken to be little-endian.

/** One message for the kernel. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** What follows the header; shares the datagram's memory. */
  readonly payload: Buffer;
}

/** One message of a datagram from the kernel. */
export interface ReceivedMessage extends NetlinkMessage {
  /** The socket that it is for; in a notice, the one that asked for the change. */
  readonly port: number;
}

const HEADER = 16;
const align = (length: number): number => (length + 3) & ~3;

/** A message for the kernel: the port is left to the socket. */
export function encodeMessage({ type, flags, sequence, payload }: NetlinkMessage): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(HEADER + payload.length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt32LE(sequence, 8);
  return Buffer.concat([header, payload]);
}

/**
 * Takes a datagram apart.
 *
 * @throws {CommonError} NETLINK_UNREADABLE when a length leads outside of it
 */
export function decodeMessages(datagram: Buffer): ReceivedMessage[] {
  const messages: ReceivedMessage[] = [];
  for (let at = 0; at < datagram.length; ) {
    const length = at + HEADER <= datagram.length ? datagram.readUInt32LE(at) : 0;
    if (length < HEADER || length > datagram.length - at) throw unreadable(at, length, datagram.length);
    messages.push({
      type: datagram.readUInt16LE(at + 4),
      flags: datagram.readUInt16LE(at + 6),
      sequence: datagram.readUInt32LE(at + 8),
      port: datagram.readUInt32LE(at + 12),
      payload: datagram.subarray(at + HEADER, at + length),
    });
    at += align(length);
  }
  return messages;
}

/**
 * Runs a decoder.
 *
 * @throws {CommonError} NETLINK_UNREADABLE, whatever the decoder throws
 */
export function understand<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof CommonError) throw error;
    throw new CommonError({ code: "NETLINK_UNREADABLE", problem: messageOf(error) }, { cause: error });
  }
}

function unreadable(at: number, length: number, size: number): CommonError {
  const problem = `the message at byte ${at} of ${size} says that it is ${length} bytes long`;
  return new CommonError({ code: "NETLINK_UNREADABLE", problem });
}
