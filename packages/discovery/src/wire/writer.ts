/** Where QNAME stands in every message: behind the header. */
export const QUESTION_OFFSET = 12;

/** Writes wire format into a buffer that grows as needed. */
export class Writer {
  #bytes = new Uint8Array(512);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length++] = value;
  }

  u16(value: number): void {
    this.u8(value >>> 8);
    this.u8(value & 255);
  }

  u32(value: number): void {
    this.u16(value >>> 16);
    this.u16(value & 0xffff);
  }

  bytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.u8(byte);
  }

  /**
   * Writes `name`; the longest part that `question` ends in, too, becomes a pointer into the question section
   * (RFC 1035 §4.1.4). Both are uncompressed lower case wire names.
   */
  compressed(name: Uint8Array, question: Uint8Array): void {
    for (let at = 0; ; at += (name[at] as number) + 1) {
      const offset = question.length - (name.length - at);
      if (name[at] === 0) return this.u8(0);
      if (offset >= 0 && startsLabel(question, offset) && sameTail(name, at, question, offset))
        return this.u16(0xc000 | (QUESTION_OFFSET + offset));
      this.bytes(name.subarray(at, at + (name[at] as number) + 1));
    }
  }

  /** Writes what `write` writes, behind its length in 16 bits. */
  sized(write: () => void): void {
    const at = this.#length;
    this.u16(0);
    write();
    const size = this.#length - at - 2;
    this.#bytes[at] = size >>> 8;
    this.#bytes[at + 1] = size & 255;
  }

  /** Forgets everything from `length` on. */
  rewind(length: number): void {
    this.#length = length;
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

function startsLabel(name: Uint8Array, offset: number): boolean {
  let at = 0;
  while (at < offset) at += (name[at] as number) + 1;
  return at === offset;
}

function sameTail(a: Uint8Array, aFrom: number, b: Uint8Array, bFrom: number): boolean {
  for (let i = 0; aFrom + i < a.length; i++) if (a[aFrom + i] !== b[bFrom + i]) return false;
  return true;
}
