import { describe, expect, it } from "vitest";
import { aNamespace, aService, aSlice } from "../../../common/testing/objects.ts";
import { decodeMessage, showSection } from "../../testing/decode.ts";
import { east, west } from "../../testing/mesh.ts";
import { Served } from "../../testing/served.ts";

/** A headless Service with `count` endpoints, 10.2.x.y. */
async function headless(count: number): Promise<Served> {
  const endpoints = Array.from({ length: count }, (_, i) => ({ addresses: [`10.2.${i >> 8}.${i & 255}`] }));
  const slices = Array.from({ length: Math.ceil(count / 1000) }, (_, i) =>
    aSlice(`test/big-${i}`, endpoints.slice(i * 1000, i * 1000 + 1000), { service: "test/big", ports: [{ name: "http", port: 80 }] }),
  );
  const served = new Served().clusters(east, west).put("west", aNamespace("test"), aService("test/big", { clusterIP: "None" }), ...slices);
  return served.synced("east", "west").settle();
}

const BIG = "big.test.svc.cluster.west";
const QUESTION = 12 + BIG.length + 2 + 4;
const isTruncated = (answer: Uint8Array): boolean => ((answer[2] ?? 0) & 0x02) !== 0;
const answersIn = (answer: Buffer): number => answer.readUInt16BE(6);

describe("an answer that is larger than its asker takes", () => {
  const rows: { it: string; count: number; size: number; answers: number; truncated: boolean }[] = [
    { it: "is whole when it just fits into 512 bytes", count: Math.floor((512 - QUESTION) / 16), size: 0, answers: Math.floor((512 - QUESTION) / 16), truncated: false },
    { it: "is cut at whole records, with TC", count: 100, size: 0, answers: Math.floor((512 - QUESTION) / 16), truncated: true },
    { it: "leaves room for OPT", count: 100, size: 1232, answers: Math.floor((1232 - QUESTION - 11) / 16), truncated: true },
    { it: "is never larger than 1232 bytes, whatever is asked for", count: 100, size: 65_535, answers: Math.floor((1232 - QUESTION - 11) / 16), truncated: true },
    { it: "takes an offer below 512 as 512", count: 100, size: 100, answers: Math.floor((512 - QUESTION - 11) / 16), truncated: true },
  ];
  for (const { it: sentence, count, size, answers, truncated } of rows)
    it(sentence, async () => {
      const answer = (await headless(count)).ask(BIG, "A", { size });
      expect(answersIn(answer)).toBe(answers);
      expect(isTruncated(answer)).toBe(truncated);
      expect(answer.length).toBeLessThanOrEqual(size >= 512 ? 1232 : 512);
      expect(decodeMessage(answer).answers).toHaveLength(answers);
    });

  it("is whole over TCP", async () => {
    const answer = (await headless(2000)).ask(BIG, "A", { transport: "tcp" });
    expect(answersIn(answer)).toBe(2000);
    expect(isTruncated(answer)).toBe(false);
  });

  it("is cut over TCP, too, when no message could hold it", async () => {
    const answer = (await headless(5000)).ask(BIG, "A", { transport: "tcp" });
    expect(answer.length).toBeLessThanOrEqual(65_535);
    expect(answersIn(answer)).toBeGreaterThan(4000);
    expect(isTruncated(answer)).toBe(true);
  });

  it("loses its additional section first, without TC", async () => {
    const served = await headless(7);
    const [small, large] = [served.ask(`_http._tcp.${BIG}`, "SRV"), served.ask(`_http._tcp.${BIG}`, "SRV", { size: 1232 })];
    expect([answersIn(small), small.readUInt16BE(10), isTruncated(small)]).toEqual([7, 0, false]);
    expect([answersIn(large), showSection(decodeMessage(large).additionals).length, isTruncated(large)]).toEqual([7, 7, false]);
  });

  it("of records of different length is cut at whole records", async () => {
    const answer = (await headless(40)).ask(`_http._tcp.${BIG}`, "SRV");
    expect(isTruncated(answer)).toBe(true);
    expect(decodeMessage(answer).answers).toHaveLength(answersIn(answer));
  });
});

describe("rotation", () => {
  it("lets each address be the first in turn, and keeps all of them", async () => {
    const served = await headless(3);
    const orders = Array.from({ length: 6 }, () => showSection(decodeMessage(served.ask(BIG, "A")).answers).map((line) => line.split(" ").at(-1)));
    expect(new Set(orders.map((order) => order[0]))).toEqual(new Set(["10.2.0.0", "10.2.0.1", "10.2.0.2"]));
    for (const order of orders) expect(order.toSorted()).toEqual(["10.2.0.0", "10.2.0.1", "10.2.0.2"]);
  });

  it("lets every address be seen when only some fit", async () => {
    const served = await headless(60);
    const seen = Array.from({ length: 60 }, () => showSection(decodeMessage(served.ask(BIG, "A")).answers)).flat();
    expect(new Set(seen).size).toBe(60);
  });
});
