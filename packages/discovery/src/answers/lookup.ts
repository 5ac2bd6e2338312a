import type { Ask } from "../wire/ask.ts";
import { RCODE, TYPE } from "../wire/codes.ts";
import { EDE } from "../wire/edns.ts";
import { hashName } from "../wire/fold.ts";
import { BLOCK, FLAG, SET, blockLength } from "./block.ts";
import { Chase } from "./chase.ts";
import type { Emitter } from "./emit.ts";
import { writeAnyReply, writeNegative, writeSoa } from "./negative.ts";
import { shiftPointers, spellPortName } from "./port-names.ts";
import { writeSet } from "./positive.ts";
import type { AnswerTable } from "./table.ts";
import { OWN_ZONE, ZONE_STATE } from "./zones.ts";
import type { Zone, Zones } from "./zones.ts";

/** What `Lookup.answer()` returns when it is not the one to answer. */
export const NOT_OURS = {
  /** The name is in none of our zones; nothing was written. */
  NAME: -1,
  /** The name is an alias of a name in none of our zones: `chase` says which; the emitter holds the chain so far. */
  TARGET: -2,
} as const;

/** Answers questions of class IN from the table. */
export class Lookup {
  readonly chase: Chase;
  readonly #table: AnswerTable;
  readonly #zones: Zones;
  readonly #emit: Emitter;
  /** Turns with every answer, so that clients which take the first record spread over all. */
  #turn = 0;

  constructor(table: AnswerTable, zones: Zones, emit: Emitter) {
    this.#table = table;
    this.#zones = zones;
    this.#emit = emit;
    this.chase = new Chase(table, zones, emit);
  }

  /** Writes the answer; returns its length, or one of `NOT_OURS`. */
  answer(ask: Ask, limit: number): number {
    const block = this.#table.find(ask.hashes[0] as number, ask.folded, 0, ask.nameLength);
    return block === 0 ? this.#missing(ask, limit) : this.#found(ask, limit, this.#table.arena.bytes, block);
  }

  /** Writes NODATA for a name of ours into `emit`; NXDOMAIN when it is gone by now. */
  noData(ask: Ask, limit: number, emit: Emitter): number {
    const block = this.#table.find(ask.hashes[0] as number, ask.folded, 0, ask.nameLength);
    const zone = this.#zones.get(block === 0 ? OWN_ZONE : u16(this.#table.arena.bytes, block));
    return writeNegative(emit, ask, { limit, zone, rcode: block === 0 ? RCODE.NXDOMAIN : RCODE.NOERROR });
  }

  #found(ask: Ask, limit: number, bytes: Uint8Array, block: number): number {
    const zone = this.#zones.get(u16(bytes, block));
    const flags = bytes[block + BLOCK.FLAGS] as number;
    if (zone.state >= ZONE_STATE.DEAD_SERVFAIL && (flags & FLAG.OWN) === 0) return this.#absent(ask, limit, zone);
    const sets = bytes[block + BLOCK.SETS] as number;
    let set = block + BLOCK.NAME + (bytes[block + BLOCK.NAME_LENGTH] as number);
    let records = set + sets * SET.SIZE;
    for (let i = 0; i < sets; i++) {
      if (u16(bytes, set) === ask.type) return writeSet(this.#emit, ask, limit, { bytes, set, records, turn: this.#turn++ });
      records += u16(bytes, set + SET.BYTES);
      set += SET.SIZE;
    }
    const isAlias = (flags & FLAG.ALIAS) !== 0 && (ask.type === TYPE.A || ask.type === TYPE.AAAA);
    return isAlias ? this.#alias(ask, limit, block, zone) : this.#otherType(ask, limit, zone);
  }

  /** The name exists and has no records of this type. */
  #otherType(ask: Ask, limit: number, zone: Zone): number {
    const emit = this.#emit;
    if (ask.type === TYPE.AXFR || ask.type === TYPE.IXFR) return emit.bare(ask, limit, RCODE.REFUSED);
    if (ask.type === TYPE.ANY) return writeAnyReply(emit, ask, limit);
    if (ask.type === TYPE.SOA && ask.nameLength === zone.originLength) return writeSoa(emit, ask, limit, zone);
    return writeNegative(emit, ask, { limit, zone, rcode: RCODE.NOERROR });
  }

  #alias(ask: Ask, limit: number, block: number, zone: Zone): number {
    const emit = this.#emit;
    emit.begin(ask, limit, RCODE.NOERROR, true);
    switch (this.chase.run(ask, block)) {
      case "answered":
        return emit.finish(ask);
      case "foreign":
        return NOT_OURS.TARGET;
      case "nodata":
        return writeNegative(emit, ask, { limit, zone, rcode: RCODE.NOERROR });
      case "servfail":
        return emit.bare(ask, limit, RCODE.SERVFAIL, EDE.NOT_READY);
    }
  }

  /** The name is not in the table: the closest name above it tells the zone. */
  #missing(ask: Ask, limit: number): number {
    const { labels, hashes, folded, starts, nameLength } = ask;
    for (let label = 1; label < labels; label++) {
      const start = starts[label] as number;
      const block = this.#table.find(hashes[label] as number, folded, start, nameLength - start);
      if (block === 0) continue;
      const id = u16(this.#table.arena.bytes, block);
      if (id !== OWN_ZONE) return this.#missingIn(ask, limit, this.#zones.get(id));
    }
    return NOT_OURS.NAME;
  }

  #missingIn(ask: Ask, limit: number, zone: Zone): number {
    if (ask.type === TYPE.AXFR || ask.type === TYPE.IXFR) return this.#emit.bare(ask, limit, RCODE.REFUSED);
    const spelled = spellPortName(ask);
    const block = spelled ? this.#table.find(hashName(spelled), spelled, 0, spelled.length) : 0;
    if (spelled && block !== 0) return this.#foundSpelled(ask, limit, block, spelled.length - ask.nameLength);
    // A name with others below it exists (RFC 8020); in a reverse zone every incomplete name may be one.
    if (ask.labels < zone.fullLabels) return writeNegative(this.#emit, ask, { limit, zone, rcode: RCODE.NOERROR });
    return this.#absent(ask, limit, zone);
  }

  /** The name was found under a longer spelling: its records' pointers are those of a longer question. */
  #foundSpelled(ask: Ask, limit: number, block: number, shift: number): number {
    const { bytes } = this.#table.arena;
    const copy = bytes.slice(block, block + blockLength(bytes, block));
    const directory = BLOCK.NAME + (copy[BLOCK.NAME_LENGTH] as number);
    shiftPointers(copy.subarray(directory + (copy[BLOCK.SETS] as number) * SET.SIZE), shift);
    return this.#found(ask, limit, copy, 0);
  }

  /** Missing, as far as is known. */
  #absent(ask: Ask, limit: number, zone: Zone): number {
    if (zone.state === ZONE_STATE.UNSYNCED) return this.#emit.bare(ask, limit, RCODE.SERVFAIL, EDE.NOT_READY);
    if (zone.state === ZONE_STATE.DEAD_SERVFAIL) return this.#emit.bare(ask, limit, RCODE.SERVFAIL, EDE.NO_REACHABLE_AUTHORITY);
    return writeNegative(this.#emit, ask, { limit, zone, rcode: RCODE.NXDOMAIN });
  }
}

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
