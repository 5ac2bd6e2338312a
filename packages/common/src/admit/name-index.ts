/** Which names stand under each key: nodes that claim a subnet, Services that asked how an address is reached. */
export class NameIndex<K, N extends string> {
  /** Mostly a name is alone under its key: then without a set around it. */
  readonly #names = new Map<K, N | Set<N>>();

  /** Returns false when the name stood there before. */
  add(key: K, name: N): boolean {
    const known = this.#names.get(key);
    if (this.has(key, name)) return false;
    if (known === undefined) this.#names.set(key, name);
    else if (typeof known === "string") this.#names.set(key, new Set([known, name]));
    else known.add(name);
    return true;
  }

  /** Returns true when nothing stands under the key any more. */
  delete(key: K, name: N): boolean {
    const known = this.#names.get(key);
    if (known instanceof Set) known.delete(name);
    if (known === name || (known instanceof Set && known.size === 0)) this.#names.delete(key);
    return !this.#names.has(key);
  }

  has(key: K, name: N): boolean {
    const known = this.#names.get(key);
    return known instanceof Set ? known.has(name) : known === name;
  }

  of(key: K): Iterable<N> {
    const known = this.#names.get(key);
    if (known === undefined) return [];
    return known instanceof Set ? known : [known];
  }

  /** The first name in order. */
  first(key: K): N | undefined {
    let first: N | undefined;
    for (const name of this.of(key)) if (first === undefined || name < first) first = name;
    return first;
  }
}
