import type { Answer } from "dns-packet";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeQuery, encodeReply, showSection } from "../../testing/decode.ts";
import { limits } from "../limits/limits.ts";
import { skipName } from "../wire/records.ts";
import { Cache } from "./cache.ts";
import { lifetimeOf } from "./lifetime.ts";

const query = encodeQuery({ questions: [{ type: "A", name: "www.example.com" }] });
const questionEnd = skipName(query, 12, query.length) + 4;
const a = (ttl: number): Answer => ({ type: "A", name: "www.example.com", ttl, data: "192.0.2.1" });
const soa = (ttl: number, minimum: number): Answer => ({
  type: "SOA",
  name: "example.com",
  ttl,
  data: { mname: "ns.example.com", rname: "admin.example.com", serial: 1, refresh: 1, retry: 1, expire: 1, minimum },
});
const [NX, SERVFAIL, REFUSED, TC] = [3, 2, 5, 0x0200];

describe("lifetimeOf()", () => {
  const rows: [string, Parameters<typeof encodeReply>[1], number | undefined][] = [
    ["is the least TTL of an answer", { answers: [a(300), a(60)] }, 60],
    ["is at least five seconds", { answers: [a(0)] }, 5],
    ["is at most an hour", { answers: [a(86_400)] }, 3600],
    ["of a denial is the SOA's MINIMUM", { flags: NX, authorities: [soa(3600, 30)] }, 30],
    ["of a denial is the SOA's TTL when that is less", { flags: NX, authorities: [soa(20, 300)] }, 20],
    ["of a denial is at most half an hour", { flags: NX, authorities: [soa(86_400, 86_400)] }, 1800],
    ["of NODATA is that of a denial", { authorities: [soa(60, 60)] }, 60],
    ["of a denial without SOA is none", { flags: NX }, undefined],
    ["of NODATA without SOA is none", {}, undefined],
    ["of SERVFAIL is five seconds", { flags: SERVFAIL }, 5],
    ["of a refusal is none", { flags: REFUSED }, undefined],
    ["of what was cut off is none", { flags: TC, answers: [a(60)] }, undefined],
    ["does not count OPT's flags as a TTL", { answers: [a(60)], additionals: [{ type: "OPT", name: ".", udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] }] }, 60],
  ];
  for (const [sentence, sections, want] of rows)
    it(sentence, () => expect(lifetimeOf(encodeReply(query, sections), questionEnd)?.seconds).toBe(want));

  it("of a malformed reply is none", () => {
    const reply = encodeReply(query, { answers: [a(60)] });
    expect(lifetimeOf(reply.subarray(0, -1), questionEnd)).toBeUndefined();
    expect(lifetimeOf(Uint8Array.from([...reply, 0]), questionEnd)).toBeUndefined();
  });
});

describe("Cache", () => {
  it("lets TTLs age, and forgets in time", () => {
    let now = 0;
    const cache = new Cache(() => now);
    cache.store("k", encodeReply(query, { answers: [a(60)] }), questionEnd);
    now = 20_900;
    expect(showSection(decodeMessage(cache.recall("k") ?? new Uint8Array(12)).answers)).toEqual(["www.example.com 40 A 192.0.2.1"]);
    now = 60_000;
    expect(cache.recall("k")).toBeUndefined();
    expect([cache.size, cache.bytes]).toEqual([0, 0]);
  });

  it("is bounded, and forgets first what was used least recently", () => {
    const cache = new Cache(() => 0);
    const reply = encodeReply(query, { answers: [a(60)] });
    for (let i = 0; i < limits.cacheEntries; i++) cache.store(`k${i}`, reply, questionEnd);
    expect(cache.recall("k0")).toBeDefined();
    for (let i = 0; i < 100; i++) cache.store(`new${i}`, reply, questionEnd);
    expect(cache.size).toBe(limits.cacheEntries);
    expect([cache.recall("k0"), cache.recall("k1"), cache.recall("new99")].map((found) => found !== undefined)).toEqual([true, false, true]);
  });

  it("is bounded in bytes", () => {
    const cache = new Cache(() => 0);
    const large = encodeReply(query, { answers: Array.from({ length: 1500 }, () => a(60)) });
    for (let i = 0; i < 1000; i++) cache.store(`k${i}`, large, questionEnd);
    expect(cache.bytes).toBeLessThanOrEqual(limits.cacheBytes);
  });

  it("replaces what it knew", () => {
    const cache = new Cache(() => 0);
    for (const ttl of [60, 30]) cache.store("k", encodeReply(query, { answers: [a(ttl)] }), questionEnd);
    expect(cache.size).toBe(1);
    expect(showSection(decodeMessage(cache.recall("k") ?? new Uint8Array(12)).answers)).toEqual(["www.example.com 30 A 192.0.2.1"]);
  });
});
