/** Cuts a stream of bytes into messages that stand behind their length in two bytes (RFC 1035 §4.2.2). */
export class Frames {
  #rest: Buffer = Buffer.alloc(0);

  /** True while a message has begun and is not complete. */
  get begun(): boolean {
    return this.#rest.length > 0;
  }

  /** Takes what arrived; `next()` then returns message by message. */
  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
  }

  /** The next complete message, or `undefined`. */
  next(): Buffer | undefined {
    if (this.#rest.length < 2) return undefined;
    const length = this.#rest.readUInt16BE(0);
    if (this.#rest.length < 2 + length) return undefined;
    const message = this.#rest.subarray(2, 2 + length);
    this.#rest = this.#rest.subarray(2 + length);
    return message;
  }
}

/** The message behind its length. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(2 + message.length);
  framed.writeUInt16BE(message.length, 0);
  framed.set(message, 2);
  return framed;
}
