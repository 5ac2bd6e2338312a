import { SortedKeys } from "./sorted-keys.ts";

/**
 * Shares a limit among names: in name order each gets what it asks for until nothing is left, so that the outcome does
 * not depend on the order of arrival. A change costs as much as there are names that get more or less by it.
 */
export class Quota<K extends string> {
  readonly #limit: number;
  readonly #asked = new Map<K, number>();
  readonly #names = new SortedKeys<K>();
  /** The first name that does not get all that it asks for. */
  #edge: K | undefined;
  /** The sum of what the names before it get. */
  #before = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many names ask for something. */
  get size(): number {
    return this.#asked.size;
  }

  grant(name: K): number {
    const asked = this.#asked.get(name) ?? 0;
    if (this.#edge === undefined || name < this.#edge) return asked;
    return name === this.#edge ? this.#limit - this.#before : 0;
  }

  /** Notes what a name asks for from now on, 0 when it is gone; returns it and the names that may get more or less by that. */
  ask(name: K, amount: number): ReadonlySet<K> {
    const concerned = new Set([name]);
    const more = amount - (this.#asked.get(name) ?? 0);
    if (more === 0) return concerned;
    if (amount > 0) {
      this.#asked.set(name, amount);
      this.#names.add(name);
    } else {
      this.#asked.delete(name);
      this.#names.delete(name);
    }
    if (this.#edge !== undefined && name > this.#edge) return concerned;
    if (this.#edge !== undefined) concerned.add(this.#edge);
    if (name !== this.#edge) this.#before += more;
    this.#moveDown(concerned);
    this.#moveUp(concerned);
    return concerned;
  }

  /** While the names before the edge get too much, the last of them becomes the edge. */
  #moveDown(concerned: Set<K>): void {
    if (this.#before <= this.#limit) return;
    for (const name of this.#names.below(this.#edge)) {
      this.#edge = name;
      this.#before -= this.#asked.get(name) ?? 0;
      concerned.add(name);
      if (this.#before <= this.#limit) return;
    }
  }

  /** While all fits that the edge asks for, or it is gone, the next name becomes the edge. */
  #moveUp(concerned: Set<K>): void {
    if (this.#edge === undefined) return;
    for (const name of this.#names.from(this.#edge)) {
      this.#edge = name;
      concerned.add(name);
      const all = this.#before + (this.#asked.get(name) ?? 0);
      if (all > this.#limit) return;
      this.#before = all;
    }
    this.#edge = undefined;
  }
}
