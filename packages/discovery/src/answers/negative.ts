import type { Ask } from "../wire/ask.ts";
import { CLASS, RCODE, TYPE } from "../wire/codes.ts";
import { QUESTION_OFFSET } from "../wire/writer.ts";
import type { Emitter } from "./emit.ts";
import { OWN_ZONE } from "./zones.ts";
import type { Zone } from "./zones.ts";

/** Answers NODATA or NXDOMAIN, with the zone's SOA in the authority section (RFC 2308 §2). */
export function writeNegative(emit: Emitter, ask: Ask, { limit, zone, rcode }: { limit: number; zone: Zone; rcode: number }): number {
  emit.begin(ask, limit, rcode, true);
  appendSoa(emit, ask, zone, 8);
  return emit.finish(ask);
}

/** Answers SOA at the zone's apex. */
export function writeSoa(emit: Emitter, ask: Ask, limit: number, zone: Zone): number {
  emit.begin(ask, limit, RCODE.NOERROR, true);
  appendSoa(emit, ask, zone, 6);
  return emit.finish(ask);
}

function appendSoa(emit: Emitter, ask: Ask, { id, soa, originLength }: Zone, section: 6 | 8): void {
  const at = emit.length;
  if (at + soa.bytes.length > emit.room) return emit.truncate();
  emit.copy(soa.bytes, 0, soa.bytes.length);
  const origin = id === OWN_ZONE ? QUESTION_OFFSET : QUESTION_OFFSET + ask.nameLength - originLength;
  for (const pointer of soa.pointers) {
    emit.out[at + pointer] = 0xc0 | (origin >>> 8);
    emit.out[at + pointer + 1] = origin & 255;
  }
  emit.count(section, 1);
}

/** `HINFO "RFC8482" ""`, TTL 8482. */
const HINFO = Uint8Array.from([
  ...[0xc0, QUESTION_OFFSET, 0, TYPE.HINFO, 0, CLASS.IN, 0, 0, 0x21, 0x22, 0, 9],
  ...[7, 0x52, 0x46, 0x43, 0x38, 0x34, 0x38, 0x32, 0],
]);

/** Answers ANY with one record that says nothing, instead of everything (RFC 8482 §4.2). */
export function writeAnyReply(emit: Emitter, ask: Ask, limit: number): number {
  emit.begin(ask, limit, RCODE.NOERROR, true);
  emit.copy(HINFO, 0, HINFO.length);
  emit.count(6, 1);
  return emit.finish(ask);
}
