import { RCODE } from "../wire/codes.ts";
import { FOLD } from "../wire/fold.ts";
import { skipName } from "../wire/records.ts";

/**
 * True when `reply` may be the answer to `query`: a response that repeats the question, whatever its case, or an
 * error without a question. Off-path forgers must guess id and port, too (RFC 5452 §9.1).
 */
export function repeatsQuestion(query: Uint8Array, reply: Uint8Array): boolean {
  if (reply.length < 12 || ((reply[2] as number) & 0x80) === 0) return false;
  const questions = ((reply[4] as number) << 8) | (reply[5] as number);
  if (questions === 0) return ((reply[3] as number) & 15) !== RCODE.NOERROR && reply.length === 12;
  const end = skipName(query, 12, query.length) + 4;
  if (questions !== 1 || reply.length < end) return false;
  for (let i = 12; i < end; i++) if (FOLD[reply[i] as number] !== FOLD[query[i] as number]) return false;
  return true;
}
