import { BIT } from "../answers/emit.ts";
import type { Emitter } from "../answers/emit.ts";
import type { Ask } from "../wire/ask.ts";
import { RCODE } from "../wire/codes.ts";

/**
 * Writes an upstream's reply as the answer to `ask`: the client's id and spelling, RA set. A reply that is larger
 * than the client takes becomes an empty one with TC, so that it asks again over TCP.
 *
 * @returns the answer's length
 */
export function fitReply(emit: Emitter, ask: Ask, limit: number, reply: Uint8Array): number {
  const { message, questionEnd } = ask;
  const rcode = (reply[3] as number) & 15;
  if (reply.length < questionEnd) return emit.bare(ask, limit, rcode === RCODE.NOERROR ? RCODE.SERVFAIL : rcode);
  if (reply.length > limit) {
    emit.begin(ask, limit, rcode, false);
    emit.truncate();
    return emit.finish(ask);
  }
  const { out } = emit;
  out.set(reply);
  out[0] = message[0] as number;
  out[1] = message[1] as number;
  out[2] = ((reply[2] as number) & ~(BIT.RD | BIT.AA)) | ((message[2] as number) & BIT.RD);
  out[3] = (reply[3] as number) | BIT.RA;
  for (let i = 12; i < questionEnd; i++) out[i] = message[i] as number;
  return reply.length;
}
