import type { NamePlan } from "../names/rrset.ts";
import { encodeName } from "../wire/name.ts";
import { FLAG } from "./block.ts";
import { compileSet } from "./compile.ts";
import type { AnswerTable } from "./table.ts";
import { OWN_ZONE } from "./zones.ts";
import type { Zone } from "./zones.ts";

/** Names that one owner wants in one zone. */
export interface Wanted {
  readonly zone: Pick<Zone, "id">;
  readonly plans: readonly NamePlan[];
  /** They belong to the server and answer even when the cluster is dead. */
  readonly own?: boolean;
}

/** Names between two breaths: half a millisecond's work. */
const NAMES_PER_BREATH = 128;

/**
 * Brings the table to what the plans want, owner by owner: a Service, a namespace, a zone's apex. It remembers which
 * names each owner has, so that a change of one owner touches these names and no others.
 */
export class Publisher {
  readonly #table: AnswerTable;
  readonly #ttl: number;
  readonly #shadow = new Map<string, readonly string[]>();
  readonly #changed = new Set<number>();

  /** @param ttl of records, in seconds */
  constructor(table: AnswerTable, ttl: number) {
    this.#table = table;
    this.#ttl = ttl;
  }

  /** Owners that have names now. */
  owners(): Iterable<string> {
    return this.#shadow.keys();
  }

  /** Names that belong to the zone. */
  namesIn(zone: Pick<Zone, "id">): number {
    return this.#table.namesIn(zone.id);
  }

  /**
   * Replaces the owner's names; each is replaced at once, and no name vanishes that is wanted before and after.
   * Yields now and then, so that queries can be answered: an owner may have ten thousand names.
   */
  *replace(owner: string, wanted: readonly Wanted[]): Iterable<void> {
    const gone = new Set(this.#shadow.get(owner));
    const names: string[] = [];
    for (const { zone, plans, own = false } of wanted)
      for (const plan of plans) {
        this.put(plan, zone, own);
        gone.delete(plan.name);
        if (names.push(plan.name) % NAMES_PER_BREATH === 0) yield;
      }
    for (const name of gone) this.remove(name);
    if (names.length > 0) this.#shadow.set(owner, names);
    else this.#shadow.delete(owner);
  }

  /** Puts one name into the table, or replaces what it answers. */
  put({ name, sets }: NamePlan, zone: Pick<Zone, "id">, own = false): void {
    const wire = encoded(name);
    const alias = sets.some(({ type }) => type === "CNAME");
    const flags = (own ? FLAG.OWN : 0) | (alias ? FLAG.ALIAS : 0);
    const compiled = sets.map((set) => compileSet(wire, set, this.#ttl));
    if (this.#table.put({ zone: zone.id, flags, name: wire, sets: compiled })) this.#changed.add(zone.id);
  }

  /** Takes one name out of the table. */
  remove(name: string): void {
    const zone = this.#table.remove(encoded(name));
    if (zone !== undefined) this.#changed.add(zone);
  }

  /** Numbers of the zones in which something visible changed since the last call. */
  takeChanged(): number[] {
    const zones = [...this.#changed].filter((id) => id !== OWN_ZONE);
    this.#changed.clear();
    return zones;
  }
}

/** Planned names are made of checked labels and of checked length; anything else is a fault of this program. */
function encoded(name: string): Uint8Array {
  const wire = encodeName(name);
  if (!wire) throw new RangeError(`Cannot publish name ${JSON.stringify(name)}: a label or the name is too long`);
  return wire;
}
