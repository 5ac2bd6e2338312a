import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeMessage, encodeQuery } from "../../testing/decode.ts";
import { twoClusters } from "../../testing/mesh.ts";
import type { Served } from "../../testing/served.ts";
import { newSpan, readRecord, skipName } from "../wire/records.ts";

/** Walks a whole message; false unless every record is complete and nothing is left over. */
function isWellFormed(message: Buffer): boolean {
  const span = newSpan();
  const questions = message.readUInt16BE(4);
  let at = 12;
  for (let i = 0; i < questions; i++) {
    at = skipName(message, at, message.length) + 4;
    if (at < 16) return false;
  }
  const records = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10);
  for (let i = 0; i < records; i++, at = span.end) if (!readRecord(message, at, span)) return false;
  return at === message.length;
}

const label = fc.constantFrom("httpd", "test", "svc", "cluster", "west", "_http", "_tcp", "tcp", "db", "db-0", "alias", "loop", "pod", "x", "HTTPD");
const name = fc.oneof(
  fc.array(label, { maxLength: 8 }).map((labels) => labels.join(".")),
  fc.array(label, { maxLength: 4 }).map((labels) => [...labels, "test", "svc", "cluster", "west"].join(".")),
);
const type = fc.constantFrom("A", "AAAA", "SRV", "PTR", "TXT", "NS", "SOA", "CNAME", "ANY", "MX", "AXFR");
const size = fc.constantFrom(0, 512, 600, 1232, 4096);

describe("whatever arrives", () => {
  let served: Served;
  beforeAll(async () => {
    served = await twoClusters();
  });

  it("is answered within the limits, well formed, or not at all", () => {
    const header = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }));
    const body = fc.uint8Array({ maxLength: 80 });
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.tuple(header, body).map(([[flags, counts], bytes]) => Uint8Array.from([1, 2, flags, 0, ...counts.flatMap((count) => [0, count]), ...bytes])),
    );
    fc.assert(
      fc.property(message, fc.constantFrom("udp" as const, "tcp" as const), (bytes, transport) => {
        const answer = served.send(bytes, transport) ?? Buffer.alloc(0);
        expect(answer.length).toBeLessThanOrEqual(transport === "udp" ? 1232 : 65_535);
        if (answer.length > 0) expect(isWellFormed(answer)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it("a query that was damaged is answered well formed, or not at all", () => {
    const damage = fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(name, type, size, damage, (owner, kind, offered, hits) => {
        const bytes = Uint8Array.from(query(owner, kind, offered));
        for (const [at, value] of hits) bytes[at % bytes.length] = value;
        const answer = served.send(bytes) ?? Buffer.alloc(0);
        expect(answer.length).toBeLessThanOrEqual(1232);
        if (answer.length > 0) expect(isWellFormed(answer)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it("a query gets an answer that another decoder reads, no larger than it asked for", () => {
    fc.assert(
      fc.property(name, type, size, (owner, kind, offered) => {
        const answer = served.send(query(owner, kind, offered)) ?? Buffer.alloc(0);
        expect(answer.length).toBeGreaterThanOrEqual(12);
        expect(answer.length).toBeLessThanOrEqual(Math.max(512, Math.min(offered, 1232)));
        expect(isWellFormed(answer)).toBe(true);
        const { answers = [], authorities = [], additionals = [], questions = [], id } = decodeMessage(answer);
        expect([id, questions[0]?.name]).toEqual([0x1234, owner || "."]);
        expect([answers.length, authorities.length, additionals.length]).toEqual([6, 8, 10].map((at) => answer.readUInt16BE(at)));
        for (const record of answers.slice(0, 1)) expect(record.name.toLowerCase()).toBe(owner.toLowerCase() || ".");
      }),
      { numRuns: 3000 },
    );
  });
});

function query(owner: string, kind: string, offered: number): Uint8Array {
  const additionals = offered > 0 ? [{ type: "OPT", name: ".", udpPayloadSize: offered, flags: 0, options: [] }] : [];
  return encodeQuery({ questions: [{ name: owner, type: kind as "A" }], additionals: additionals as never });
}
