import type { NamePlan } from "../names/rrset.ts";
import { encodeName } from "../wire/name.ts";
import { FLAG } from "./block.ts";
import { compileSet } from "./compile.ts";
import type { AnswerTable } from "./table.ts";
import type { Zone, Zones } from "./zones.ts";

/** Names that one owner wants in one zone. */
export interface Wanted {
  readonly zone: Zone;
  readonly plans: readonly NamePlan[];
  /** They belong to the server and answer even when the cluster is dead. */
  readonly own?: boolean;
}

/**
 * Brings the table to what the plans want, owner by owner: a Service, a namespace, an address, a zone's apex. It
 * remembers which names each owner has, so that a change of one owner touches these names and no others.
 */
export class Publisher {
  readonly #table: AnswerTable;
  readonly #zones: Zones;
  readonly #ttl: number;
  readonly #shadow = new Map<string, ReadonlyMap<string, number>>();
  readonly #changed = new Set<number>();

  /** @param ttl of records, in seconds */
  constructor(table: AnswerTable, zones: Zones, ttl: number) {
    this.#table = table;
    this.#zones = zones;
    this.#ttl = ttl;
  }

  /** Owners that have names now. */
  owners(): Iterable<string> {
    return this.#shadow.keys();
  }

  /** Replaces the owner's names; each is replaced at once, and no name vanishes that is wanted before and after. */
  replace(owner: string, wanted: readonly Wanted[]): void {
    const before = this.#shadow.get(owner);
    const after = new Map<string, number>();
    for (const { zone, plans, own } of wanted)
      for (const plan of plans) {
        this.#put(plan, zone, own === true, before?.get(plan.name));
        after.set(plan.name, zone.id);
      }
    for (const [name, zone] of before ?? []) if (!after.has(name)) this.#remove(name, zone);
    if (after.size > 0) this.#shadow.set(owner, after);
    else this.#shadow.delete(owner);
  }

  /** The zones in which something visible changed since the last call. */
  takeChanged(): Zone[] {
    const zones = [...this.#changed].map((id) => this.#zones.get(id));
    this.#changed.clear();
    return zones;
  }

  #put({ name, sets }: NamePlan, zone: Zone, own: boolean, zoneBefore: number | undefined): void {
    const wire = encoded(name);
    const alias = sets.some(({ type }) => type === "CNAME");
    const flags = (own ? FLAG.OWN : 0) | (alias ? FLAG.ALIAS : 0);
    const compiled = sets.map((set) => compileSet(wire, set, this.#ttl));
    if (!this.#table.put({ zone: zone.id, flags, name: wire, sets: compiled })) return;
    this.#changed.add(zone.id);
    if (zoneBefore === zone.id) return;
    zone.names++;
    if (zoneBefore !== undefined) this.#zones.get(zoneBefore).names--;
  }

  #remove(name: string, zone: number): void {
    this.#table.remove(encoded(name));
    this.#zones.get(zone).names--;
    this.#changed.add(zone);
  }
}

/** Planned names are made of checked labels and of checked length; anything else is a fault of this program. */
function encoded(name: string): Uint8Array {
  const wire = encodeName(name);
  if (!wire) throw new RangeError(`Cannot publish name ${JSON.stringify(name)}: a label or the name is too long`);
  return wire;
}
