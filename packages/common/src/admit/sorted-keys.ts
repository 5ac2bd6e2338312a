/** Keys of a chunk, at most: a fuller one is split in two. */
const CHUNK = 512;

/** Distinct keys in order. To add, remove or find one costs two searches and the move of one chunk, however many there are. */
export class SortedKeys<K extends string | bigint> {
  /** None is empty, and the keys of each are below those of the next. */
  readonly #chunks: K[][] = [];

  add(key: K): void {
    const at = Math.min(this.#chunkOf(key), this.#chunks.length - 1);
    const chunk = this.#chunks[at];
    if (!chunk) return void this.#chunks.push([key]);
    const i = countBelow(chunk, key);
    if (chunk[i] === key) return;
    chunk.splice(i, 0, key);
    if (chunk.length > CHUNK) this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK / 2));
  }

  delete(key: K): void {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at];
    const i = countBelow(chunk ?? [], key);
    if (chunk?.[i] !== key) return;
    if (chunk.length > 1) chunk.splice(i, 1);
    else this.#chunks.splice(at, 1);
  }

  /** `key` if it is there, and all above it, upwards. */
  *from(key: K): Generator<K> {
    for (let at = this.#chunkOf(key); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] ?? [];
      for (let i = countBelow(chunk, key); i < chunk.length; i++) yield chunk[i] as K;
    }
  }

  /** All below `key`, downwards; without one, all. */
  *below(key: K | undefined): Generator<K> {
    const last = this.#chunks.length - 1;
    for (let at = key === undefined ? last : Math.min(this.#chunkOf(key), last); at >= 0; at--) {
      const chunk = this.#chunks[at] ?? [];
      for (let i = key === undefined ? chunk.length : countBelow(chunk, key); i > 0; i--) yield chunk[i - 1] as K;
    }
  }

  /** Position of the chunk in which `key` is, if it is anywhere: the first one that does not end below it. */
  #chunkOf(key: K): number {
    return countWhile(this.#chunks, (chunk) => (chunk.at(-1) as K) < key);
  }
}

const countBelow = <K extends string | bigint>(sorted: readonly K[], key: K): number => countWhile(sorted, (one) => one < key);

/** How many items meet `isBefore`, by bisection: those that do come first. */
function countWhile<T>(items: readonly T[], isBefore: (item: T) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(items[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}
