import type { Ask } from "../wire/ask.ts";
import { RCODE } from "../wire/codes.ts";
import { SET } from "./block.ts";
import type { Emitter } from "./emit.ts";

/** Where the records of a set lie. */
export interface SetSpan {
  readonly bytes: Uint8Array;
  /** Offset of the set's entry in the directory of its block. */
  readonly set: number;
  /** Offset of its records. */
  readonly records: number;
}

/**
 * Answers with a set. What does not fit is left out: first the additional section, which nobody misses, then, with
 * TC, the last answers (RFC 2181 §9).
 *
 * @param turn where to begin when the records can be rotated
 */
export function writeSet(emit: Emitter, ask: Ask, limit: number, span: SetSpan & { turn: number }): number {
  const { bytes, set, records, turn } = span;
  emit.begin(ask, limit, RCODE.NOERROR, true);
  const answers = u16(bytes, set + SET.ANSWERS);
  const size = bytes[set + SET.RECORD_SIZE] as number;
  if (size > 0) return writeRotated(emit, ask, span, turn % answers);
  const additional = u16(bytes, set + SET.ADDITIONAL);
  const answerEnd = records + u16(bytes, set + SET.ANSWER_BYTES);
  const end = records + u16(bytes, set + SET.BYTES);
  if (emit.length + answerEnd - records > emit.room) {
    emit.copyWhatFits(bytes, records, answerEnd);
    return emit.finish(ask);
  }
  const complete = emit.length + end - records <= emit.room;
  emit.copy(bytes, records, complete ? end : answerEnd);
  emit.count(6, answers);
  if (complete) emit.count(10, additional);
  if (bytes[set + SET.CUT] === 1) emit.truncate();
  return emit.finish(ask);
}

/** Writes equally long records, the one at `first` first. */
function writeRotated(emit: Emitter, ask: Ask, { bytes, set, records }: SetSpan, first: number): number {
  const size = bytes[set + SET.RECORD_SIZE] as number;
  const all = u16(bytes, set + SET.ANSWERS);
  const fitting = emit.length + all * size <= emit.room ? all : Math.floor((emit.room - emit.length) / size);
  const tail = Math.min(fitting, all - first);
  emit.copy(bytes, records + first * size, records + (first + tail) * size);
  emit.copy(bytes, records, records + (fitting - tail) * size);
  emit.count(6, fitting);
  if (fitting < all || bytes[set + SET.CUT] === 1) emit.truncate();
  return emit.finish(ask);
}

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
