import type { Ask } from "../wire/ask.ts";
import { CLASS, TYPE } from "../wire/codes.ts";
import { OFFERED_SIZE } from "../wire/edns.ts";
import { Writer } from "../wire/writer.ts";

/** A question as it is put to an upstream. */
export interface ForwardQuestion {
  /** Two questions with equal keys have equal answers: name without case, type, class, EDNS, DO, CD, RD. */
  readonly key: string;
  /** The query, id 0. */
  readonly message: Uint8Array;
  /** Offset behind its question. */
  readonly questionEnd: number;
}

/** What of a client's query goes with any question that is asked because of it. */
export interface QueryFlags {
  readonly recursionDesired: boolean;
  readonly checkingDisabled: boolean;
  readonly edns: boolean;
  readonly dnssecOk: boolean;
}

export const flagsOf = ({ message, checkingDisabled, edns, dnssecOk }: Ask): QueryFlags => ({
  recursionDesired: ((message[2] as number) & 1) !== 0,
  checkingDisabled,
  edns,
  dnssecOk,
});

/**
 * Makes the query: the name's bytes as they are, OPT of our own when the client sent one. Its options are not
 * passed on: cookies and keep-alives are between two neighbours, and an answer must not depend on who asked.
 */
export function forwardQuestion(name: Uint8Array, folded: Uint8Array, type: number, flags: QueryFlags): ForwardQuestion {
  const { recursionDesired, checkingDisabled, edns, dnssecOk } = flags;
  const writer = new Writer();
  writer.u16(0);
  writer.u16((recursionDesired ? 0x0100 : 0) | (checkingDisabled ? 0x0010 : 0));
  for (const count of [1, 0, 0, edns ? 1 : 0]) writer.u16(count);
  writer.bytes(name);
  writer.u16(type);
  writer.u16(CLASS.IN);
  const questionEnd = writer.length;
  if (edns) {
    writer.u8(0);
    writer.u16(TYPE.OPT);
    writer.u16(OFFERED_SIZE);
    writer.u32(dnssecOk ? 0x8000 : 0);
    writer.u16(0);
  }
  return { key: keyOf(folded, type, flags), message: writer.take(), questionEnd };
}

/** The key of the query in `ask`, without making the query. */
export const keyOfAsk = (ask: Ask): string => keyOf(ask.folded.subarray(0, ask.nameLength), ask.type, flagsOf(ask));

function keyOf(folded: Uint8Array, type: number, { recursionDesired, checkingDisabled, edns, dnssecOk }: QueryFlags): string {
  const bits = Number(recursionDesired) | (Number(checkingDisabled) << 1) | (Number(edns) << 2) | (Number(dnssecOk) << 3);
  return `${Buffer.from(folded.buffer, folded.byteOffset, folded.length).toString("latin1")}${type}/${bits}`;
}
