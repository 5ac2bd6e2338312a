import type { Ask } from "../wire/ask.ts";
import { TYPE } from "../wire/codes.ts";
import { OFFERED_SIZE } from "../wire/edns.ts";
import { newSpan, readRecord } from "../wire/records.ts";
import { QUESTION_OFFSET } from "../wire/writer.ts";

/** Header bits of the third and fourth byte (RFC 1035 §4.1.1). */
export const BIT = { QR: 0x80, AA: 0x04, TC: 0x02, RD: 0x01, RA: 0x80 } as const;

/** Bytes of an OPT record without options, and with an extended error without text. */
const [OPT_BYTES, EDE_BYTES] = [11, 6];

const span = newSpan();

/**
 * Puts an answer together in `out`: the question's bytes untouched, a header, records, OPT when the query had one.
 * One instance per responder; nothing is allocated per answer.
 */
export class Emitter {
  /** Where the answer is written; at least as long as the limit of the transport. */
  out: Uint8Array = new Uint8Array(0);
  /** Bytes written. */
  length = 0;
  /** Most bytes that the asker takes, less what OPT will need. */
  room = 0;
  readonly #recursion: number;

  /** @param recursion whether names outside the own zones are forwarded: sets RA */
  constructor(recursion: boolean) {
    this.#recursion = recursion ? BIT.RA : 0;
  }

  /** Begins an answer with the header and the question of `ask`; sections are still empty. */
  begin(ask: Ask, limit: number, rcode: number, authoritative: boolean): void {
    const { out } = this;
    const { message, questionEnd } = ask;
    this.#header(message, rcode, authoritative ? BIT.AA : 0);
    out[5] = 1;
    for (let i = QUESTION_OFFSET; i < questionEnd; i++) out[i] = message[i] as number;
    this.length = questionEnd;
    this.room = limit - (ask.edns ? OPT_BYTES : 0);
  }

  /** An answer of twelve bytes to what could not be read. */
  headerOnly(message: Uint8Array, rcode: number): number {
    this.#header(message, rcode, 0);
    return 12;
  }

  /** Appends bytes to the answer; counting records is up to the caller. */
  copy(source: Uint8Array, from: number, to: number): void {
    const { out } = this;
    let at = this.length;
    for (let i = from; i < to; i++) out[at++] = source[i] as number;
    this.length = at;
  }

  /** Adds to the count of a section: 6 answer, 8 authority, 10 additional. */
  count(section: 6 | 8 | 10, records: number): void {
    const { out } = this;
    const sum = (((out[section] as number) << 8) | (out[section + 1] as number)) + records;
    out[section] = sum >>> 8;
    out[section + 1] = sum & 255;
  }

  /** Appends as many whole records of `source` as there is room for, and sets TC. */
  copyWhatFits(source: Uint8Array, from: number, to: number): void {
    let at = from;
    let records = 0;
    while (at < to && readRecord(source, at, span) && this.length + (span.end - from) <= this.room) {
      at = span.end;
      records++;
    }
    this.copy(source, from, at);
    this.count(6, records);
    this.truncate();
  }

  truncate(): void {
    this.out[2] = (this.out[2] as number) | BIT.TC;
  }

  /** Ends the answer: OPT in answer to OPT, of version 0, DO copied (RFC 6891 §6.1.1, RFC 3225 §3). */
  finish(ask: Ask, extendedRcode = 0, ede = 0): number {
    if (!ask.edns) return this.length;
    const withEde = ede !== 0 && this.length + EDE_BYTES <= this.room;
    const { out } = this;
    const at = this.length;
    out[at] = 0;
    out[at + 1] = 0;
    out[at + 2] = TYPE.OPT;
    out[at + 3] = OFFERED_SIZE >>> 8;
    out[at + 4] = OFFERED_SIZE & 255;
    out[at + 5] = extendedRcode;
    out[at + 6] = 0;
    out[at + 7] = ask.dnssecOk ? 0x80 : 0;
    out[at + 8] = 0;
    out[at + 9] = 0;
    out[at + 10] = withEde ? EDE_BYTES : 0;
    this.length = at + OPT_BYTES;
    if (withEde) this.#extendedError(ede);
    this.count(10, 1);
    return this.length;
  }

  /** An answer without records: REFUSED, SERVFAIL, BADVERS. */
  bare(ask: Ask, limit: number, rcode: number, ede = 0): number {
    this.begin(ask, limit, rcode & 15, false);
    return this.finish(ask, rcode >>> 4, ede);
  }

  /** The extended error option (RFC 8914 §2): code, length, INFO-CODE, no text. */
  #extendedError(code: number): void {
    const { out, length } = this;
    out[length] = 0;
    out[length + 1] = 15;
    out[length + 2] = 0;
    out[length + 3] = 2;
    out[length + 4] = code >>> 8;
    out[length + 5] = code & 255;
    this.length = length + EDE_BYTES;
  }

  #header(message: Uint8Array, rcode: number, flags: number): void {
    const { out } = this;
    out[0] = message[0] as number;
    out[1] = message[1] as number;
    out[2] = BIT.QR | ((message[2] as number) & (0x78 | BIT.RD)) | flags;
    out[3] = this.#recursion | rcode;
    for (let i = 4; i < 12; i++) out[i] = 0;
  }
}
