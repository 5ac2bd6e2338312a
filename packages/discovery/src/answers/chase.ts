import type { Ask } from "../wire/ask.ts";
import { Ask as Probe } from "../wire/ask.ts";
import { QUESTION_OFFSET } from "../wire/writer.ts";
import { BLOCK, FLAG, SET } from "./block.ts";
import type { Emitter } from "./emit.ts";
import type { AnswerTable } from "./table.ts";
import { OWN_ZONE, ZONE_STATE } from "./zones.ts";
import type { Zone, Zones } from "./zones.ts";

/** CNAME records in a row before the chase is given up (CoreDNS' bound is of this order, too). */
const MAX_CHAIN = 10;

/** Bytes of a CNAME record before its target: owner pointer, type, class, TTL, length. */
const FIXED = 12;

/** How a chain of aliases ended. The emitter then holds the chain; after `nodata` and `servfail` it is to be discarded. */
export type ChaseEnd = "answered" | "nodata" | "servfail" | "foreign";

/** Follows ExternalName through the own zones, writing what it passes (RFC 1034 §3.6.2). */
export class Chase {
  /** The last alias' target, uncompressed and folded, when the chain left the own zones. */
  target: Uint8Array = new Uint8Array(0);
  /** Where that target stands in the answer. */
  targetAt = 0;
  readonly #table: AnswerTable;
  readonly #zones: Zones;
  readonly #emit: Emitter;
  readonly #probe = new Probe();

  constructor(table: AnswerTable, zones: Zones, emit: Emitter) {
    this.#table = table;
    this.#zones = zones;
    this.#emit = emit;
  }

  /** Follows the alias whose block is `first`; the emitter has begun an answer to `ask`. */
  run(ask: Ask, first: number): ChaseEnd {
    const seen = new Set([first]);
    let owner = QUESTION_OFFSET;
    for (let block = first; ; ) {
      owner = this.#appendAlias(block, owner);
      const next = this.#lookUp(block);
      if (next === 0) return this.#end();
      const state = this.#zoneOf(next).state;
      if (state === ZONE_STATE.DEAD_SERVFAIL) return "servfail";
      if (state === ZONE_STATE.DEAD_NXDOMAIN) return "nodata";
      if (!((this.#table.arena.bytes[next + BLOCK.FLAGS] as number) & FLAG.ALIAS)) return this.#appendAddresses(ask, next, owner);
      if (seen.has(next) || seen.size >= MAX_CHAIN) return "nodata";
      seen.add(next);
      block = next;
    }
  }

  /** Writes the block's CNAME record under the name at `owner`; returns where its target stands. */
  #appendAlias(block: number, owner: number): number {
    const { bytes } = this.#table.arena;
    const records = recordsOf(bytes, block);
    const length = u16(bytes, directoryOf(bytes, block) + SET.BYTES);
    const at = this.#emit.length;
    this.#emit.copy(bytes, records, records + length);
    writePointer(this.#emit.out, at, owner);
    this.#emit.count(6, 1);
    this.targetAt = at + FIXED;
    return this.targetAt;
  }

  #lookUp(block: number): number {
    const { bytes } = this.#table.arena;
    const probe = this.#probe;
    const at = recordsOf(bytes, block) + FIXED;
    if (!probe.walkName(bytes, at, bytes.length)) return 0;
    probe.hash(bytes, at);
    return this.#table.find(probe.hashes[0] as number, probe.folded, 0, probe.nameLength);
  }

  /** The target has no block: it is missing from a zone of ours, or somebody else's. */
  #end(): ChaseEnd {
    const { labels, hashes, folded, starts, nameLength } = this.#probe;
    for (let label = 1; label < labels; label++) {
      const start = starts[label] as number;
      const block = this.#table.find(hashes[label] as number, folded, start, nameLength - start);
      if (block === 0 || u16(this.#table.arena.bytes, block) === OWN_ZONE) continue;
      const { state } = this.#zoneOf(block);
      return state === ZONE_STATE.UNSYNCED || state === ZONE_STATE.DEAD_SERVFAIL ? "servfail" : "nodata";
    }
    this.target = folded.slice(0, nameLength);
    return "foreign";
  }

  #appendAddresses(ask: Ask, block: number, owner: number): ChaseEnd {
    const { bytes } = this.#table.arena;
    const directory = directoryOf(bytes, block);
    let records = recordsOf(bytes, block);
    for (let i = 0; i < (bytes[block + BLOCK.SETS] as number); i++) {
      const set = directory + i * SET.SIZE;
      if (u16(bytes, set + SET.TYPE) === ask.type) return this.#copyOwned(records, set, owner);
      records += u16(bytes, set + SET.BYTES);
    }
    return "nodata";
  }

  /** Copies address records, each under the name at `owner` instead of under the question. */
  #copyOwned(records: number, set: number, owner: number): ChaseEnd {
    const { bytes } = this.#table.arena;
    const emit = this.#emit;
    const size = bytes[set + SET.RECORD_SIZE] as number;
    const all = u16(bytes, set + SET.ANSWERS);
    const fitting = Math.min(all, Math.floor((emit.room - emit.length) / size));
    const from = emit.length;
    emit.copy(bytes, records, records + fitting * size);
    for (let at = from; at < emit.length; at += size) writePointer(emit.out, at, owner);
    emit.count(6, fitting);
    if (fitting < all || bytes[set + SET.CUT] === 1) emit.truncate();
    return "answered";
  }

  #zoneOf(block: number): Zone {
    return this.#zones.get(u16(this.#table.arena.bytes, block + BLOCK.ZONE));
  }
}

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);

const directoryOf = (bytes: Uint8Array, block: number): number =>
  block + BLOCK.NAME + (bytes[block + BLOCK.NAME_LENGTH] as number);

const recordsOf = (bytes: Uint8Array, block: number): number =>
  directoryOf(bytes, block) + (bytes[block + BLOCK.SETS] as number) * SET.SIZE;

function writePointer(out: Uint8Array, at: number, target: number): void {
  out[at] = 0xc0 | (target >>> 8);
  out[at + 1] = target & 255;
}
