import { SETTLE_MS } from "./read-manifest.ts";

/** Milliseconds after which a folder that has come back is taken to be filled again. */
const REFILL_MS = 2000;

/**
 * Files that were there and are not now. An editor that replaces a file, or a tool that moves one, takes it away for a
 * moment; who copies a whole folder into place, for longer.
 */
export class Absences {
  readonly #since = new Map<string, number>();
  #refilledAt = Number.NEGATIVE_INFINITY;

  get any(): boolean {
    return this.#since.size > 0;
  }

  /** Notes that `path` is missing; it is gone once it has been missing for long enough. */
  note(path: string, now: number): { readonly state: "gone" } | { readonly state: "settling"; readonly ms: number } {
    const since = this.#since.get(path) ?? now;
    this.#since.set(path, since);
    const ms = Math.max(since + SETTLE_MS, this.#refilledAt) - now;
    return ms > 0 ? { state: "settling", ms } : { state: "gone" };
  }

  /** The file is there again, or was given up. */
  end(path: string): void {
    this.#since.delete(path);
  }

  /** The folder has come back: what is missing in it may yet come. */
  restart(now: number): void {
    this.#since.clear();
    this.#refilledAt = now + REFILL_MS;
  }

  /** Milliseconds until a folder that has come back is filled again; nothing when it is. */
  unsettled(now: number): number[] {
    return this.#refilledAt > now ? [this.#refilledAt - now] : [];
  }
}
