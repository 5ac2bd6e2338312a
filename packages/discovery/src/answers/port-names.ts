import type { Ask } from "../wire/ask.ts";
import { newSpan, readRecord } from "../wire/records.ts";
import { QUESTION_OFFSET } from "../wire/writer.ts";

const UNDERSCORE = 0x5f;
const PROTOCOLS = ["tcp", "udp", "sctp"].map((name) => [...name].map((c) => c.charCodeAt(0)));

const span = newSpan();

/**
 * CoreDNS finds `_http._tcp.<svc>` also without the underscores, each of them. The table holds the full spelling
 * only; a name that was not found and may be such a one is spelled out here.
 *
 * @returns the folded wire name to look for; `undefined` when the name has no protocol where one would stand, or has
 * its underscores already
 */
export function spellPortName(ask: Ask): Uint8Array | undefined {
  const { folded, starts, labels } = ask;
  if (labels < 3) return undefined;
  const second = starts[1] as number;
  const marked = isProtocol(folded, second) ? 2 : isProtocol(folded, 0) ? 1 : 0;
  const bytes: number[] = [];
  for (let label = 0; label < marked; label++) {
    const at = starts[label] as number;
    const length = folded[at] as number;
    const bare = folded[at + 1] !== UNDERSCORE;
    bytes.push(bare ? length + 1 : length, ...(bare ? [UNDERSCORE] : []), ...folded.subarray(at + 1, at + 1 + length));
  }
  const rest = starts[marked] as number;
  if (marked === 0 || bytes.length === rest) return undefined;
  return Uint8Array.from([...bytes, ...folded.subarray(rest, ask.nameLength)]);
}

/**
 * Moves the compression pointers of records that were compiled for a longer question: all but those to its very
 * beginning. Only owner names are looked at; SRV and addresses have no others.
 *
 * @param shift bytes that the question is shorter by
 */
export function shiftPointers(records: Uint8Array, shift: number): Uint8Array {
  for (let at = 0; at < records.length && readRecord(records, at, span); at = span.end) {
    const pointerAt = span.ttlAt - 6; // the pointer's two bytes stand before TYPE and CLASS
    const pointer = ((records[pointerAt] as number) << 8) | (records[pointerAt + 1] as number);
    if (pointer < 0xc000 || pointer === (0xc000 | QUESTION_OFFSET)) continue;
    records[pointerAt] = (pointer - shift) >>> 8;
    records[pointerAt + 1] = (pointer - shift) & 255;
  }
  return records;
}

function isProtocol(folded: Uint8Array, at: number): boolean {
  const skip = folded[at + 1] === UNDERSCORE ? 1 : 0;
  const length = (folded[at] as number) - skip;
  if (length !== 3 && length !== 4) return false;
  return PROTOCOLS.some((name) => name.length === length && name.every((byte, i) => folded[at + 1 + skip + i] === byte));
}
