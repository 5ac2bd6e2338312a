import assert from "node:assert/strict";
import type { Clock } from "@sdn-tunnel/common/loop/clock";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { describe, it } from "vitest";
import { EndpointNames } from "./names.ts";
import type { Resolved } from "./resolver.ts";

/** A clock that stands still; `next()` ends the sleeps and tells how long they were to be. */
function manualClock() {
  const sleeping: { ms: number; wake: () => void }[] = [];
  const clock: Clock = { now: () => 0, sleep: (ms) => new Promise((wake) => void sleeping.push({ ms, wake })) };
  const settle = (): Promise<void> => new Promise((done) => setImmediate(done));
  return {
    clock,
    async next(): Promise<number[]> {
      await settle();
      const ended = sleeping.splice(0);
      for (const { wake } of ended) wake();
      await settle();
      return ended.map(({ ms }) => ms);
    },
  };
}

function follow(answers: (Resolved | Error)[]) {
  const { clock, next } = manualClock();
  const heard: string[] = [];
  const lookup = {
    resolve: async () => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error || !answer) throw answer ?? new Error("no answer");
      return answer;
    },
  };
  const names = new EndpointNames({ lookup, clock, changed: () => heard.push("changed"), failed: () => heard.push("failed") });
  const stop = new AbortController();
  names.follow(new Set(["vpn.example"]), stop.signal);
  return { names, next, heard, stop };
}
const resolved = (ttlSeconds: number, ...addresses: string[]): Resolved => ({ ttlSeconds, addresses: addresses.map(parseAddress) });

describe("EndpointNames", () => {
  for (const [ttl, want] of [[1, 15_000], [60, 60_000], [86_400, 300_000]] as const)
    it(`asks again after ${want} ms for a TTL of ${ttl} s`, async () => {
      const { next, stop } = follow([resolved(ttl, "192.0.2.9")]);
      assert.deepEqual(await next(), [want]);
      stop.abort();
    });

  it("tells of a change, and of the same addresses in another order not", async () => {
    const { names, next, heard, stop } = follow([resolved(60, "192.0.2.9", "192.0.2.8"), resolved(60, "192.0.2.8", "192.0.2.9"), resolved(60, "192.0.2.7")]);
    await next();
    await next();
    assert.deepEqual(heard, ["changed", "changed"]);
    assert.deepEqual(names.addressesOf("vpn.example"), ["192.0.2.7"]);
    stop.abort();
  });

  it("keeps the address in use first while it is listed", async () => {
    const { names, next, stop } = follow([resolved(60, "192.0.2.9"), resolved(60, "192.0.2.1", "192.0.2.9")]);
    await next();
    assert.deepEqual(names.addressesOf("vpn.example"), ["192.0.2.9", "192.0.2.1"]);
    stop.abort();
  });

  it("keeps the last addresses when the name fails, or has none", async () => {
    const { names, next, heard, stop } = follow([resolved(60, "192.0.2.9"), new Error("SERVFAIL"), resolved(60)]);
    await next();
    await next();
    assert.deepEqual(names.addressesOf("vpn.example"), ["192.0.2.9"]);
    assert.deepEqual(heard, ["changed", "failed"]);
    stop.abort();
  });

  it("forgets a name that is of no interest any more", async () => {
    const { names, next, stop } = follow([resolved(60, "192.0.2.9")]);
    await next();
    names.follow(new Set(), stop.signal);
    assert.equal(names.addressesOf("vpn.example"), undefined);
  });
});
