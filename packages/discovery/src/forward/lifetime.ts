import { limits } from "../limits/limits.ts";
import { RCODE, TYPE } from "../wire/codes.ts";
import { newSpan, readRecord } from "../wire/records.ts";

/** How long an answer of others may be kept, and where its TTLs stand. */
export interface Lifetime {
  readonly seconds: number;
  /** Offsets of the TTLs that age: all but OPT's, which is none. */
  readonly ttls: readonly number[];
}

interface Records {
  readonly ttls: number[];
  leastTtl: number;
  answers: number;
  /** Negative TTL from SOA: the lesser of its TTL and MINIMUM (RFC 2308 §5). */
  negativeTtl: number | undefined;
}

/**
 * Tells how long a reply may be remembered; `undefined` for never: truncated, malformed, a denial without SOA, or an
 * error other than SERVFAIL, which is kept as briefly as anything (RFC 2308 §7.1).
 */
export function lifetimeOf(reply: Uint8Array, questionEnd: number): Lifetime | undefined {
  const rcode = (reply[3] as number) & 15;
  if (((reply[2] as number) & 0x02) !== 0) return undefined;
  const records = readRecords(reply, questionEnd);
  if (!records) return undefined;
  const { ttls, answers, leastTtl, negativeTtl } = records;
  if (rcode === RCODE.SERVFAIL) return { seconds: limits.cacheLeastTtl, ttls };
  if (rcode === RCODE.NOERROR && answers > 0) return { seconds: clamp(leastTtl, limits.cachePositiveTtl), ttls };
  const denial = rcode === RCODE.NOERROR || rcode === RCODE.NXDOMAIN;
  if (!denial || negativeTtl === undefined) return undefined;
  return { seconds: clamp(Math.min(negativeTtl, leastTtl), limits.cacheNegativeTtl), ttls };
}

function readRecords(reply: Uint8Array, questionEnd: number): Records | undefined {
  const counts = [6, 8, 10].map((at) => ((reply[at] as number) << 8) | (reply[at + 1] as number)) as [number, number, number];
  const records: Records = { ttls: [], leastTtl: Number.POSITIVE_INFINITY, answers: counts[0], negativeTtl: undefined };
  const span = newSpan();
  let at = questionEnd;
  for (let i = 0; i < counts[0] + counts[1] + counts[2]; i++, at = span.end) {
    if (!readRecord(reply, at, span)) return undefined;
    if (span.type === TYPE.OPT) continue;
    const ttl = u32(reply, span.ttlAt);
    records.ttls.push(span.ttlAt);
    records.leastTtl = Math.min(records.leastTtl, ttl);
    if (span.type === TYPE.SOA && span.end - span.dataAt >= 20) records.negativeTtl = Math.min(ttl, u32(reply, span.end - 4));
  }
  return at === reply.length ? records : undefined;
}

const clamp = (ttl: number, most: number): number => Math.min(most, Math.max(limits.cacheLeastTtl, ttl));

/** A TTL; one with its highest bit set is none (RFC 2181 §8). */
function u32(bytes: Uint8Array, at: number): number {
  const value = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
  return value > 0x7fffffff ? 0 : value;
}
