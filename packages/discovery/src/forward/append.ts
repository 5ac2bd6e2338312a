import type { Emitter } from "../answers/emit.ts";
import { CLASS, TYPE } from "../wire/codes.ts";
import { expandName } from "../wire/expand.ts";
import { FOLD } from "../wire/fold.ts";
import { newSpan, readRecord } from "../wire/records.ts";
import { Writer } from "../wire/writer.ts";

/** The name that an alias of ours points at, and where it stands in the answer. */
export interface Target {
  readonly name: Uint8Array;
  readonly at: number;
}

/**
 * Appends what an upstream says of an alias' target: addresses, and the aliases on the way to them. Their names
 * are written out, since the reply's compression pointers mean nothing in our answer; a reply that was cut
 * makes ours cut, too.
 *
 * @returns the number of records, those that did not fit included
 */
export function appendReply(emit: Emitter, reply: Uint8Array, questionEnd: number, target: Target): number {
  const span = newSpan();
  const answers = ((reply[6] as number) << 8) | (reply[7] as number);
  let at = questionEnd;
  let found = 0;
  for (let i = 0; i < answers && readRecord(reply, at, span); i++) {
    at = span.end;
    const record = rewrite(reply, span, target);
    if (!record) continue;
    found++;
    if (emit.length + record.length > emit.room) {
      emit.truncate();
      continue;
    }
    emit.copy(record, 0, record.length);
    emit.count(6, 1);
  }
  if (((reply[2] as number) & 0x02) !== 0) emit.truncate();
  return found;
}

function rewrite(reply: Uint8Array, span: ReturnType<typeof newSpan>, target: Target): Uint8Array | undefined {
  if (span.class !== CLASS.IN || ![TYPE.A, TYPE.AAAA, TYPE.CNAME].includes(span.type as 1)) return undefined;
  const owner = expandName(reply, span.start);
  const data = span.type === TYPE.CNAME ? expandName(reply, span.dataAt) : reply.subarray(span.dataAt, span.end);
  if (!owner || !data) return undefined;
  const writer = new Writer();
  if (sameName(owner, target.name)) writer.u16(0xc000 | target.at);
  else writer.bytes(owner);
  writer.bytes(reply.subarray(span.ttlAt - 4, span.ttlAt + 4));
  writer.sized(() => writer.bytes(data));
  return writer.take();
}

function sameName(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => FOLD[byte] === FOLD[b[i] as number]);
}
