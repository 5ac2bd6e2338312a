import type { Sample } from "./requests.ts";

/** How one target fared. Times in milliseconds. */
export interface Verdict {
  readonly requests: number;
  readonly lost: number;
  readonly longestMs: number;
  /** From the given moment to the first answer to a request that was sent after it; `undefined` when none came. */
  readonly firstAnswerAfterMs: number | undefined;
}

/** Reads what the load printed; a line that was cut by the end of the process is left out. */
export function parseSamples(output: string): Sample[] {
  return output.split("\n").flatMap((line) => (line.startsWith("{") && line.endsWith("}") ? [JSON.parse(line) as Sample] : []));
}

/**
 * Judges the requests of one target from the moment `killedAt` on. A request counts from when it was sent, so that
 * one which waits out the whole gap shows as the longest.
 */
export function judge(samples: readonly Sample[], target: string, killedAt: number): Verdict {
  const own = samples.filter((sample) => sample.target === target && sample.at + sample.ms >= killedAt);
  const answered = own.filter(({ error, at }) => error === undefined && at >= killedAt);
  const first = answered.map(({ at, ms }) => at + ms - killedAt).toSorted((a, b) => a - b)[0];
  return {
    requests: own.length,
    lost: own.filter(({ error }) => error !== undefined).length,
    longestMs: Math.max(0, ...own.map(({ ms }) => ms)),
    firstAnswerAfterMs: first,
  };
}
