/** Delays between tries: doubles from `firstMs` to `lastMs`. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Counts the failures of each key and says when it may be tried again. */
export class Backoff<K> {
  readonly #options: BackoffOptions;
  readonly #failures = new Map<K, number>();

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Records a failure; returns the delay in milliseconds until the next try. */
  fail(key: K): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return Math.min(this.#options.lastMs, this.#options.firstMs * 2 ** Math.min(failures, 30));
  }

  succeed(key: K): void {
    this.#failures.delete(key);
  }

  /** Forgets the failures of every key that `keeps` does not name. */
  retain(keeps: (key: K) => boolean): void {
    for (const key of this.#failures.keys()) if (!keeps(key)) this.#failures.delete(key);
  }

  /** Keys that have failed and not succeeded since. */
  get failing(): number {
    return this.#failures.size;
  }
}
