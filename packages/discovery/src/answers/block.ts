import type { CompiledSet } from "./compile.ts";

/**
 * How a name lies in the arena, so that looking it up touches one place:
 *
 *     0  u16  zone             5  name, folded, `nameLength` bytes
 *     2  u8   nameLength          then per set 12 bytes (see SET)
 *     3  u8   flags               then the sets' records, in the same order
 *     4  u8   number of sets
 */
export const BLOCK = { ZONE: 0, NAME_LENGTH: 2, FLAGS: 3, SETS: 4, NAME: 5 } as const;

/** One entry of the directory of sets. */
export const SET = {
  TYPE: 0, // u16
  ANSWERS: 2, // u16, records of the answer section
  ADDITIONAL: 4, // u16, records of the additional section
  ANSWER_BYTES: 6, // u16
  BYTES: 8, // u16, answer and additional section together
  RECORD_SIZE: 10, // u8, bytes of each record when all are equally long, so that they can be rotated; else 0
  CUT: 11, // u8, 1 when not even TCP can carry all records
  SIZE: 12,
} as const;

export const FLAG = {
  /** Belongs to the server and not to the cluster: answers even when the cluster is dead. */
  OWN: 1,
  /** The name is an alias: its one set is a CNAME. */
  ALIAS: 2,
} as const;

/** A name with everything that it answers. */
export interface Block {
  readonly zone: number;
  readonly flags: number;
  /** Lower case wire name. */
  readonly name: Uint8Array;
  readonly sets: readonly CompiledSet[];
}

/** The bytes of a block. */
export function encodeBlock({ zone, flags, name, sets }: Block): Uint8Array {
  const directory = BLOCK.NAME + name.length;
  const size = sets.reduce((sum, { bytes }) => sum + SET.SIZE + bytes.length, directory);
  const block = new Uint8Array(size);
  const view = new DataView(block.buffer);
  view.setUint16(BLOCK.ZONE, zone);
  block[BLOCK.NAME_LENGTH] = name.length;
  block[BLOCK.FLAGS] = flags;
  block[BLOCK.SETS] = sets.length;
  block.set(name, BLOCK.NAME);
  let records = directory + sets.length * SET.SIZE;
  for (const [i, set] of sets.entries()) {
    const at = directory + i * SET.SIZE;
    view.setUint16(at + SET.TYPE, set.type);
    view.setUint16(at + SET.ANSWERS, set.answers);
    view.setUint16(at + SET.ADDITIONAL, set.additional);
    view.setUint16(at + SET.ANSWER_BYTES, set.answerBytes);
    view.setUint16(at + SET.BYTES, set.bytes.length);
    block[at + SET.RECORD_SIZE] = set.recordSize;
    block[at + SET.CUT] = set.cut ? 1 : 0;
    block.set(set.bytes, records);
    records += set.bytes.length;
  }
  return block;
}

/** Length of the block that begins at `offset`. */
export function blockLength(bytes: Uint8Array, offset: number): number {
  const directory = offset + BLOCK.NAME + (bytes[offset + BLOCK.NAME_LENGTH] as number);
  const sets = bytes[offset + BLOCK.SETS] as number;
  let end = directory + sets * SET.SIZE;
  for (let i = 0; i < sets; i++) end += u16(bytes, directory + i * SET.SIZE + SET.BYTES);
  return end - offset;
}

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
