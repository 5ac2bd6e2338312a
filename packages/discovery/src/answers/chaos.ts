import type { Ask } from "../wire/ask.ts";
import { CLASS, RCODE, TYPE } from "../wire/codes.ts";
import { decodeName } from "../wire/name.ts";
import { QUESTION_OFFSET, Writer } from "../wire/writer.ts";
import type { Emitter } from "./emit.ts";

/** What the server says of itself in class CH (RFC 4892); what is absent is refused. */
export interface Identity {
  /** `version.bind` and `version.server`. */
  readonly version?: string | undefined;
  /** `id.server` and `hostname.bind`. */
  readonly id?: string | undefined;
}

/** Answers a TXT query about the server itself; 0 when it is not to be answered. */
export function answerChaos(ask: Ask, emit: Emitter, limit: number, { version, id }: Identity): number {
  const texts: Readonly<Record<string, string | undefined>> = {
    "version.bind": version,
    "version.server": version,
    "id.server": id,
    "hostname.bind": id,
  };
  const text = ask.type === TYPE.TXT ? texts[decodeName(ask.folded)] : undefined;
  if (text === undefined) return 0;
  const writer = new Writer();
  const bytes = new TextEncoder().encode(text).subarray(0, 255);
  writer.u16(0xc000 | QUESTION_OFFSET);
  writer.u16(TYPE.TXT);
  writer.u16(CLASS.CH);
  writer.u32(0);
  writer.sized(() => {
    writer.u8(bytes.length);
    writer.bytes(bytes);
  });
  emit.begin(ask, limit, RCODE.NOERROR, true);
  emit.copy(writer.take(), 0, writer.length);
  emit.count(6, 1);
  return emit.finish(ask);
}
