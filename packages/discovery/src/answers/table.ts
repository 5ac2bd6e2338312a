import { hashName } from "../wire/fold.ts";
import { Arena } from "./arena.ts";
import { BLOCK, blockLength, encodeBlock } from "./block.ts";
import type { Block } from "./block.ts";

/** Two numbers per slot: the hash, and the offset of the name's block (0: the slot is empty). */
const SLOT = 2;

/**
 * Every name that the server answers by itself, in one open-addressing hash table (linear probing) over one arena.
 * Each name is one block, so replacing what a name answers is one store: a query sees the old block or the new one.
 */
export class AnswerTable {
  readonly arena = new Arena();
  #slots = new Int32Array(1024 * SLOT);
  #names = 0;
  /** Names by zone. */
  readonly #perZone: number[] = [];

  /** Names in the table. */
  get size(): number {
    return this.#names;
  }

  /** Names that belong to the zone. */
  namesIn(zone: number): number {
    return this.#perZone[zone] ?? 0;
  }

  /** Bytes of the index and the arena. */
  get bytes(): number {
    return this.#slots.byteLength + this.arena.bytes.length;
  }

  /**
   * Finds the name that begins at `from` of `folded` and is `length` bytes long.
   *
   * @param hash of the name, from its last byte to its first
   * @returns the offset of its block in the arena, or 0
   */
  find(hash: number, folded: Uint8Array, from: number, length: number): number {
    const slots = this.#slots;
    const { bytes } = this.arena;
    const mask = slots.length / SLOT - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const block = slots[slot * SLOT + 1] as number;
      if (block === 0) return 0;
      if (slots[slot * SLOT] === hash && bytes[block + BLOCK.NAME_LENGTH] === length && same(bytes, block + BLOCK.NAME, folded, from, length))
        return block;
    }
  }

  /** Puts the name in, or replaces what it answers; false when it answered exactly that already. */
  put(block: Block): boolean {
    const encoded = encodeBlock(block);
    const hash = hashName(block.name);
    const old = this.find(hash, block.name, 0, block.name.length);
    const oldLength = old === 0 ? 0 : blockLength(this.arena.bytes, old);
    if (oldLength === encoded.length && same(this.arena.bytes, old, encoded, 0, oldLength)) return false;
    const offset = this.arena.allocate(encoded.length);
    this.arena.bytes.set(encoded, offset);
    if (old === 0) this.#insert(hash, offset);
    else this.#slots[this.#slotOf(hash, old) * SLOT + 1] = offset;
    this.#count(offset, 1);
    if (old !== 0) this.#release(old);
    return true;
  }

  /** Takes the name out; returns the zone that it belonged to, `undefined` when it was not there. */
  remove(name: Uint8Array): number | undefined {
    const hash = hashName(name);
    const block = this.find(hash, name, 0, name.length);
    if (block === 0) return undefined;
    this.#empty(this.#slotOf(hash, block));
    this.#names--;
    return this.#release(block);
  }

  #release(block: number): number {
    this.arena.release(block, blockLength(this.arena.bytes, block));
    return this.#count(block, -1);
  }

  #count(block: number, by: number): number {
    const { bytes } = this.arena;
    const zone = ((bytes[block + BLOCK.ZONE] as number) << 8) | (bytes[block + BLOCK.ZONE + 1] as number);
    this.#perZone[zone] = (this.#perZone[zone] ?? 0) + by;
    return zone;
  }

  #insert(hash: number, block: number): void {
    this.#names++;
    if (this.#names * 2 > this.#slots.length / SLOT) this.#grow();
    place(this.#slots, hash, block);
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    for (let at = 0; at < old.length; at += SLOT)
      if (old[at + 1] !== 0) place(this.#slots, old[at] as number, old[at + 1] as number);
  }

  #slotOf(hash: number, block: number): number {
    const mask = this.#slots.length / SLOT - 1;
    let slot = hash & mask;
    while (this.#slots[slot * SLOT + 1] !== block) slot = (slot + 1) & mask;
    return slot;
  }

  /** Empties a slot and moves up what was put behind it, so that no tombstones pile up (Knuth 6.4, algorithm R). */
  #empty(emptied: number): void {
    const slots = this.#slots;
    const mask = slots.length / SLOT - 1;
    let hole = emptied;
    for (let slot = (hole + 1) & mask; slots[slot * SLOT + 1] !== 0; slot = (slot + 1) & mask) {
      const home = (slots[slot * SLOT] as number) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots.copyWithin(hole * SLOT, slot * SLOT, slot * SLOT + SLOT);
      hole = slot;
    }
    slots[hole * SLOT + 1] = 0;
  }
}

function place(slots: Int32Array, hash: number, block: number): void {
  const mask = slots.length / SLOT - 1;
  let slot = hash & mask;
  while (slots[slot * SLOT + 1] !== 0) slot = (slot + 1) & mask;
  slots[slot * SLOT] = hash;
  slots[slot * SLOT + 1] = block;
}

function same(a: Uint8Array, aFrom: number, b: Uint8Array, bFrom: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aFrom + i] !== b[bFrom + i]) return false;
  return true;
}
