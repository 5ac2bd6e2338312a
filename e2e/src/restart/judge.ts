import type { LoadRecord } from "@sdn-tunnel/lab/requests/load";

/** How the requests to one URL fared around a kill. Times in milliseconds. */
export interface Verdict {
  readonly requests: number;
  readonly lost: number;
  readonly longestMs: number;
  /** From the kill to the first answer to a request that was sent after it; absent when none came. */
  readonly firstAnswerMs?: number;
  /** From the first to the last request that was lost; 0 when none was. */
  readonly outageMs: number;
  readonly errors: readonly string[];
}

/**
 * Judges the requests to `url` that were under way at the kill or sent after it. A request counts from when it was
 * sent, so that one which waits out the whole gap shows as the longest.
 */
export function judge(records: readonly LoadRecord[], url: string, killedAt: number): Verdict {
  const own = records.filter((record) => record.url === url && record.at + record.ms >= killedAt);
  const lost = own.filter(({ error }) => error !== undefined).map(({ at }) => at);
  const answered = own.filter(({ error, at }) => error === undefined && at >= killedAt).map(({ at, ms }) => at + ms - killedAt);
  return {
    requests: own.length,
    lost: lost.length,
    longestMs: Math.max(0, ...own.map(({ ms }) => ms)),
    ...(answered.length > 0 ? { firstAnswerMs: Math.min(...answered) } : {}),
    outageMs: lost.length > 0 ? Math.max(...lost) - Math.min(...lost) : 0,
    errors: [...new Set(own.flatMap(({ error }) => error ?? []))],
  };
}
