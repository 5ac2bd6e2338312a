import type { Cluster } from "../handles/cluster.ts";
import { engine } from "../engine/engine.ts";
import type { Machine } from "../handles/machine.ts";
import type { CurlOptions, HttpdAnswer, Reply } from "../requests/curl.ts";
import { CheckFailed, expect } from "./check.ts";
import { urlOf } from "./stage.ts";
import type { Stage } from "./stage.ts";

/** Asks the httpd at a host; no answer fails the check. */
export async function answerOf(client: Machine, host: string, options: CurlOptions): Promise<HttpdAnswer & { readonly ms: number }> {
  return requireAnswer(host, await client.curl(urlOf(host), options));
}

function requireAnswer(host: string, reply: Reply): HttpdAnswer & { readonly ms: number } {
  expect(reply.ok && reply.json !== undefined, `${host}: ${why(reply)}`);
  return { ...reply.json, ms: reply.ms };
}

/** The pods that answered `count` requests, each on a connection of its own. */
export async function podsBehind(client: Machine, host: string, count: number, options: CurlOptions): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { pod } of (await client.curlRepeatedly(urlOf(host), count, options)).map((reply) => requireAnswer(host, reply))) counts.set(pod, (counts.get(pod) ?? 0) + 1);
  return counts;
}

/** Waits until exactly these pods are behind the Service `httpd` of a cluster, so that the next check starts from there. */
export async function untilServedBy(pods: readonly string[], client: Machine, to: Cluster, { patienceMs, limit }: Stage): Promise<void> {
  await within(limit(4000), `only ${pods.join(" and ")} served`, async () => {
    const counts = await podsBehind(client, to.serviceIP("httpd", "v4", "remote"), 12, { timeoutMs: patienceMs });
    return [...counts.keys()].toSorted().join() === pods.join() || undefined;
  });
}

export const showCounts = (counts: ReadonlyMap<string, number>): string =>
  [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([pod, count]) => `${pod} ${count}`).join(", ");

/**
 * Repeats `look` until it returns a value, and says how long that took.
 *
 * @throws {CheckFailed} with `what` when `limitMs` is over; the last reason is part of it
 */
export async function within<T>(limitMs: number, what: string, look: () => Promise<T | undefined>): Promise<{ value: T; ms: number }> {
  const started = performance.now();
  let last = "";
  for (;;) {
    const value = await look().catch((error: unknown) => {
      if (!(error instanceof CheckFailed)) throw error;
      last = `: ${error.message}`;
      return undefined;
    });
    const ms = Math.round(performance.now() - started);
    if (value !== undefined && ms <= limitMs) return { value, ms };
    expect(ms <= limitMs, `${what} not within ${limitMs / 1000} s${last}`);
    await new Promise((resolve) => setTimeout(resolve, 50 * engine.slowdown));
  }
}

export const why = ({ error, message }: Reply): string => (error === undefined ? "no answer of the httpd" : `${error}${message ? ` (${message})` : ""}`);
