import type { Change, Ruleset } from "./ruleset.ts";

/** Something read from the ruleset, which is not read again while nobody can have changed it. */
export class Remembered<T> {
  readonly #ruleset: Ruleset;
  readonly #concerns: (change: Change) => boolean;
  readonly #read: () => Promise<T>;
  #known: { readonly at: number | undefined; readonly value: T } | undefined;

  /** @param concerns whether a transaction may have changed it */
  constructor(ruleset: Ruleset, concerns: (change: Change) => boolean, read: () => Promise<T>) {
    this.#ruleset = ruleset;
    this.#concerns = concerns;
    this.#read = read;
  }

  async get(): Promise<T> {
    // Asked before reading: what changes while we read then leads to another reading.
    const at = await this.#ruleset.generation();
    const known = this.#known;
    if (known && this.#ruleset.isUntouched(known.at, at, this.#concerns)) {
      this.#known = { at, value: known.value };
      return known.value;
    }
    const value = await this.#read();
    this.#known = { at, value };
    return value;
  }

  /** Takes over what our own transaction left behind. */
  put(value: T, at: number | undefined): void {
    this.#known = { at, value };
  }

  /** Forgets it, so that the next one reads. */
  drop(): void {
    this.#known = undefined;
  }
}
