import { bytesOf } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";

/** Bytes of the headers of netlink(7) and generic netlink, and of an attribute. */
const [MESSAGE_HEADER, GENERIC_HEADER, ATTRIBUTE_HEADER] = [16, 4, 4];
const NESTED = 0x8000;

/**
 * Writes generic netlink messages one after the other into one buffer. A cold start has 60,000 of them for 10,000
 * Services: made of a buffer per attribute, they would take longer than the kernel takes to work them off.
 */
export class MessageWriter {
  readonly #buffer: Buffer;
  #at = 0;

  /** @param capacity bytes that all messages together may have */
  constructor(capacity: number) {
    this.#buffer = Buffer.alloc(capacity);
  }

  /** What was written, in this writer's own memory. */
  get datagram(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  /** Writes a message whose attributes `body` writes. */
  message(type: number, flags: number, sequence: number, [command, version]: readonly [number, number], body: () => void): void {
    const start = this.#take(MESSAGE_HEADER + GENERIC_HEADER);
    body();
    this.#buffer.writeUInt32LE(this.#at - start, start);
    this.#buffer.writeUInt16LE(type, start + 4);
    this.#buffer.writeUInt16LE(flags, start + 6);
    this.#buffer.writeUInt32LE(sequence, start + 8);
    this.#buffer[start + MESSAGE_HEADER] = command;
    this.#buffer[start + MESSAGE_HEADER + 1] = version;
  }

  /** Writes an attribute whose attributes `body` writes. */
  nest(type: number, body: () => void): void {
    const start = this.#take(ATTRIBUTE_HEADER);
    body();
    this.#buffer.writeUInt16LE(this.#at - start, start);
    this.#buffer.writeUInt16LE(type | NESTED, start + 2);
  }

  u16(type: number, value: number): void {
    this.#buffer.writeUInt16LE(value, this.#attribute(type, 2));
  }

  u32(type: number, value: number): void {
    this.#buffer.writeUInt32LE(value, this.#attribute(type, 4));
  }

  /** Two words in one attribute. */
  words(type: number, first: number, second: number): void {
    const at = this.#attribute(type, 8);
    this.#buffer.writeUInt32LE(first, at);
    this.#buffer.writeUInt32LE(second, at + 4);
  }

  /** A port, in network byte order. */
  port(type: number, value: number): void {
    this.#buffer.writeUInt16BE(value, this.#attribute(type, 2));
  }

  /** Text with the zero behind it. */
  text(type: number, value: string): void {
    this.#buffer.write(value, this.#attribute(type, value.length + 1), "latin1");
  }

  /** union nf_inet_addr: an IPv4 address stands in its first four bytes. */
  address(type: number, address: Address): void {
    const at = this.#attribute(type, 16);
    if (address.includes(":")) this.#buffer.set(bytesOf(address), at);
    else this.#dotted(address, at);
  }

  #dotted(address: string, at: number): void {
    let byte = 0;
    for (let i = 0, end = at; i <= address.length; i++) {
      const digit = address.charCodeAt(i) - 48;
      if (digit >= 0 && digit <= 9) byte = byte * 10 + digit;
      else {
        this.#buffer[end++] = byte;
        byte = 0;
      }
    }
  }

  #attribute(type: number, length: number): number {
    const start = this.#take((ATTRIBUTE_HEADER + length + 3) & ~3);
    this.#buffer.writeUInt16LE(ATTRIBUTE_HEADER + length, start);
    this.#buffer.writeUInt16LE(type, start + 2);
    return start + ATTRIBUTE_HEADER;
  }

  /** Room for `length` bytes, zeros; returns where. */
  #take(length: number): number {
    const start = this.#at;
    this.#at += length;
    return start;
  }
}
