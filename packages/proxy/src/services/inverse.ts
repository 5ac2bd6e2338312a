/** A relation between keys and values that is asked from the value's side; a change costs what changed. */
export class Index<K, V> {
  readonly #values = new Map<K, ReadonlySet<V>>();
  readonly #keys = new Map<V, Set<K>>();

  /** Replaces the values of `key`. */
  set(key: K, values: Iterable<V>): void {
    for (const value of this.#values.get(key) ?? []) {
      const keys = this.#keys.get(value);
      keys?.delete(key);
      if (keys?.size === 0) this.#keys.delete(value);
    }
    const now = new Set(values);
    if (now.size > 0) this.#values.set(key, now);
    else this.#values.delete(key);
    for (const value of now) {
      const keys = this.#keys.get(value) ?? new Set<K>();
      keys.add(key);
      this.#keys.set(value, keys);
    }
  }

  /** Keys that have `value`. */
  of(value: V): ReadonlySet<K> {
    return this.#keys.get(value) ?? new Set();
  }

  /** Every value that some key has. */
  values(): Iterable<V> {
    return this.#keys.keys();
  }
}
