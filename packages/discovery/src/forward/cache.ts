import { limits } from "../limits/limits.ts";
import { lifetimeOf } from "./lifetime.ts";

interface Remembered {
  readonly reply: Uint8Array;
  readonly ttls: readonly number[];
  readonly storedAt: number;
  readonly expiresAt: number;
}

/** What one remembered answer costs beyond its bytes, roughly. */
const OVERHEAD = 200;

/** Answers of others, by question; bounded in entries and bytes, the least recently used leaves first. */
export class Cache {
  readonly #entries = new Map<string, Remembered>();
  readonly #now: () => number;
  #bytes = 0;

  /** @param now Unix time in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The whole message as it would be received now: its TTLs have aged. `undefined` when it is unknown or too old. */
  recall(key: string): Uint8Array | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#forget(key, entry);
    const now = this.#now();
    if (now >= entry.expiresAt) return undefined;
    this.#insert(key, entry);
    return aged(entry, Math.floor((now - entry.storedAt) / 1000));
  }

  /** Remembers a reply for as long as it says, if it may be remembered at all. */
  store(key: string, reply: Uint8Array, questionEnd: number): void {
    const lifetime = lifetimeOf(reply, questionEnd);
    if (!lifetime) return;
    const old = this.#entries.get(key);
    if (old) this.#forget(key, old);
    const storedAt = this.#now();
    this.#insert(key, { reply, ttls: lifetime.ttls, storedAt, expiresAt: storedAt + lifetime.seconds * 1000 });
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= limits.cacheEntries && this.#bytes <= limits.cacheBytes) break;
      this.#forget(oldest, entry);
    }
  }

  #insert(key: string, entry: Remembered): void {
    this.#entries.set(key, entry);
    this.#bytes += entry.reply.length + OVERHEAD;
  }

  #forget(key: string, entry: Remembered): void {
    this.#entries.delete(key);
    this.#bytes -= entry.reply.length + OVERHEAD;
  }
}

function aged({ reply, ttls }: Remembered, seconds: number): Uint8Array {
  const copy = Uint8Array.from(reply);
  const view = new DataView(copy.buffer);
  for (const at of ttls) view.setUint32(at, Math.max(0, view.getUint32(at) - seconds));
  return copy;
}
