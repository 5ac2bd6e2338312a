import type { Address } from "@sdn-tunnel/common/net/address";
import type { Clock } from "@sdn-tunnel/common/loop/clock";
import type { NameLookup } from "./resolver.ts";

/** A name is asked again when its records expire, but not more and not less often than this. */
const [MIN_MS, MAX_MS] = [15_000, 300_000];

export interface EndpointNamesNeeds {
  readonly lookup: NameLookup;
  readonly clock: Clock;
  /** The addresses of a name changed. */
  readonly changed: (name: string) => void;
  readonly failed: (name: string, error: unknown) => void;
}

interface Entry {
  addresses: readonly Address[];
  stop: AbortController;
}

/** The names among the endpoints, kept resolved. One that fails keeps its last addresses. */
export class EndpointNames {
  readonly #needs: EndpointNamesNeeds;
  readonly #entries = new Map<string, Entry>();

  constructor(needs: EndpointNamesNeeds) {
    this.#needs = needs;
  }

  addressesOf(name: string): readonly Address[] | undefined {
    return this.#entries.get(name)?.addresses;
  }

  /** Sets which names are of interest; the others are forgotten. */
  follow(names: ReadonlySet<string>, signal: AbortSignal): void {
    for (const [name, { stop }] of this.#entries) {
      if (names.has(name)) continue;
      stop.abort();
      this.#entries.delete(name);
    }
    for (const name of names) {
      if (this.#entries.has(name)) continue;
      const entry: Entry = { addresses: [], stop: new AbortController() };
      this.#entries.set(name, entry);
      void this.#keep(name, entry, AbortSignal.any([signal, entry.stop.signal]));
    }
  }

  async #keep(name: string, entry: Entry, signal: AbortSignal): Promise<void> {
    const { lookup, clock, changed, failed } = this.#needs;
    while (!signal.aborted) {
      let waitMs = MIN_MS;
      try {
        const { addresses, ttlSeconds } = await lookup.resolve(name);
        waitMs = Math.max(MIN_MS, Math.min(MAX_MS, ttlSeconds * 1000));
        if (!signal.aborted && take(entry, addresses)) changed(name);
      } catch (error) {
        if (!signal.aborted) failed(name, error);
      }
      await clock.sleep(waitMs, signal);
    }
  }
}

/** Takes the new addresses; the one in use stays first while it is still listed. Returns whether anything changed. */
function take(entry: Entry, addresses: readonly Address[]): boolean {
  const sorted = addresses.toSorted();
  const [current] = entry.addresses;
  const next = current !== undefined && sorted.includes(current) ? [current, ...sorted.filter((a) => a !== current)] : sorted;
  if (next.length === 0 || next.join() === entry.addresses.join()) return false;
  entry.addresses = next;
  return true;
}
