import { LabError } from "../errors.ts";
import { build } from "../namespaces/build.ts";
import type { Holder } from "../namespaces/hold.ts";
import type { Layout } from "../topology/layout.ts";

/** Every machine of a lab by name: the one place where machines come and go. */
export class Machines {
  readonly #holders = new Map<string, Holder>();

  /** Builds a part of the lab next to what is there. */
  async grow(layout: Layout): Promise<void> {
    for (const [name, holder] of await build(layout, this.#holders)) this.#holders.set(name, holder);
  }

  /** @throws {LabError} UNKNOWN_OBJECT */
  holder(name: string): Holder {
    const holder = this.#holders.get(name);
    if (holder) return holder;
    throw new LabError({ code: "UNKNOWN_OBJECT", object: `machine "${name}"`, known: [...this.#holders.keys()] });
  }

  /** A removed machine's name may be used again. */
  forget(name: string): void {
    this.#holders.delete(name);
  }

  get all(): readonly Holder[] {
    return [...this.#holders.values()];
  }
}
