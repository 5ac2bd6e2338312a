import type { LoadRecord } from "@sdn-tunnel/lab/requests/load";
import { VM_SLOWDOWN } from "@sdn-tunnel/lab/engine/engine";
import type { Ground, Row } from "../suites/suite.ts";
import type { Kill, Restarts } from "./scenario.ts";

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

/** Longest time without an answer that a kill of discoveryd, or of userspace WireGuard, may cost, in milliseconds. */
const GAP_MS = 2000;

/** Requests that there must be after a kill, or it proves nothing. */
const ENOUGH = 100;

/** A case for each kill and each way of asking: how the requests fared, against what that kill may cost. */
export function judgeRestarts({ urls, kills }: Restarts, slowdown: number): Row[] {
  return kills.flatMap((kill) =>
    Object.entries(urls).map(([how, url]) => {
      const verdict = judge(kill.records, url, kill.killedAt);
      const { requests, lost, longestMs, firstAnswerMs = Infinity, errors } = verdict;
      const gap = mayGap(kill, how) ? GAP_MS * slowdown : undefined;
      const held = requests > ENOUGH && (gap === undefined ? lost === 0 : firstAnswerMs <= gap);
      const detail = `ready after ${kill.readyMs} ms, ${lost} of ${requests} lost, longest ${longestMs} ms, next answer after ${firstAnswerMs} ms${errors.map((error) => ` (${error})`).join("")}`;
      const name = `kill -9 of ${kill.daemon}, asked by ${how}: ${gap === undefined ? "no request is lost" : `answered again within ${gap / 1000} s`}`;
      return { name, detail, error: held ? undefined : detail };
    }),
  );
}

/** Names need discoveryd, and everything needs the process in which userspace WireGuard lives. */
const mayGap = ({ daemon }: Kill, how: string): boolean => daemon.startsWith("wireguard") || (daemon.startsWith("discoveryd") && how === "name");

/** Reads what scenario.ts printed. */
export function readRestarts(stdout: string, { engine }: Ground): Row[] {
  return judgeRestarts(JSON.parse(stdout) as Restarts, engine === "vm" ? VM_SLOWDOWN : 1);
}
