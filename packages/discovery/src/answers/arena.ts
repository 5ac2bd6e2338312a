/** Blocks are handed out in sizes that grow by an eighth, so that at most an eighth of a block is unused. */
const SMALLEST = 32;
/** Offset 0 means "no block" to the table. */
const FIRST = 16;

/**
 * Bytes in one growing buffer, in blocks that are given back and used again. A block is reused for its own size
 * class only, so the buffer is never larger than the sum of what each class held at its peak, and churn at
 * constant sizes does not grow it.
 */
export class Arena {
  /** Read it anew after every `allocate()`: growing replaces it. */
  bytes: Uint8Array;
  #top = FIRST;
  #used = 0;
  readonly #free: number[][] = [];

  constructor(initialBytes = 1 << 16) {
    this.bytes = new Uint8Array(initialBytes);
  }

  /** Bytes that blocks in use occupy. */
  get used(): number {
    return this.#used;
  }

  /** Bytes that were ever handed out: what the arena costs. */
  get top(): number {
    return this.#top;
  }

  /** A block of at least `size` bytes; its content is undefined. */
  allocate(size: number): number {
    const { index, capacity } = classOf(size);
    this.#used += capacity;
    const reused = this.#free[index]?.pop();
    if (reused !== undefined) return reused;
    const offset = this.#top;
    this.#top += capacity;
    if (this.#top > this.bytes.length) this.#grow();
    return offset;
  }

  /** Gives a block back; `size` as it was allocated. */
  release(offset: number, size: number): void {
    const { index, capacity } = classOf(size);
    this.#used -= capacity;
    (this.#free[index] ??= []).push(offset);
  }

  #grow(): void {
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.#top));
    grown.set(this.bytes);
    this.bytes = grown;
  }
}

/** Classes 0, 1, 2, ...: 32, 36, 40, ... 64, 72, ... bytes; eight per doubling. */
function classOf(size: number): { index: number; capacity: number } {
  const wanted = Math.max(size, SMALLEST);
  const doubling = 31 - Math.clz32(wanted);
  const step = 2 ** (doubling - 3);
  const eighths = Math.ceil((wanted - 2 ** doubling) / step);
  return { index: (doubling - 5) * 8 + eighths, capacity: 2 ** doubling + eighths * step };
}
