import { describe, expect, it } from "vitest";
import { decodeMessage, encodeQuery, encodeReply, rcodeOf, showSection } from "../../testing/decode.ts";
import { forwarding } from "../../testing/forwarding.ts";
import { FakeUpstream } from "./fake.ts";
import type { FakeReply } from "./fake.ts";
import type { UpstreamQuery } from "./upstream.ts";

const opt = (size: number, options: { code: number; data: Buffer }[] = []) => [{ type: "OPT", name: ".", udpPayloadSize: size, flags: 0, options }] as never;
const ask = (name: string, { type = "A", size = 0, id = 7, flags = 0x0100 } = {}): Uint8Array =>
  encodeQuery({ id, flags, questions: [{ name, type: type as "A" }], ...(size > 0 ? { additionals: opt(size) } : {}) });
const addresses = (count: number) => ({ message }: UpstreamQuery): FakeReply =>
  encodeReply(message, { answers: Array.from({ length: count }, (_, i) => ({ type: "A" as const, name: decodeMessage(message).questions?.[0]?.name ?? "", ttl: 60, data: `192.0.2.${i}` })) });
const fails = (flags: number) => ({ message }: UpstreamQuery): FakeReply => encodeReply(message, { flags });

describe("a name that is not ours", () => {
  it("is asked of an upstream, and its answer carries our client's id and spelling, RA, and no AA", async () => {
    const upstream = new FakeUpstream("one", ({ message }) => {
      const reply = encodeReply(message, { flags: 0x0400, answers: [{ type: "A", name: "www.example.com", ttl: 60, data: "192.0.2.80" }] });
      for (let i = 12; i < 29; i++) if ((reply[i] ?? 0) >= 97) reply[i] = (reply[i] ?? 0) - 32; // upstreams may spell as they like
      return reply;
    });
    const { send } = await forwarding([upstream]);
    for (const id of [7, 8]) {
      const answer = await send(ask("wWw.Example.com", { id }));
      expect([answer.readUInt16BE(0), answer.readUInt16BE(2)]).toEqual([id, 0x8180]);
      expect(decodeMessage(answer).questions?.[0]?.name).toBe("wWw.Example.com");
      expect(decodeMessage(answer).answers).toHaveLength(1);
    }
    expect(upstream.asked, "the second answer is remembered").toHaveLength(1);
  });

  it("is asked with OPT of our own: no client's options get through", async () => {
    const upstream = new FakeUpstream("one", addresses(1));
    const { send } = await forwarding([upstream]);
    await send(encodeQuery({ questions: [{ name: "example.com", type: "A" }], additionals: opt(4096, [{ code: 10, data: Buffer.alloc(8, 1) }]) }));
    const sent = upstream.asked[0]?.message ?? new Uint8Array();
    expect([...sent.subarray(-11)]).toEqual([0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]);
  });

  it("that is too large for a client is cut for that client, from memory, too", async () => {
    const { send } = await forwarding([new FakeUpstream("one", addresses(25))]);
    const large = await send(ask("big.example", { size: 1232 }));
    expect(decodeMessage(large).answers).toHaveLength(25);
    const small = await send(ask("big.example", { size: 512 }));
    expect([small.length <= 512, (small[2] ?? 0) & 0x02, decodeMessage(small).answers?.length]).toEqual([true, 0x02, 0]);
    expect(small.readUInt16BE(10), "OPT").toBe(1);
  });

  it("gets SERVFAIL with the reason when no upstream answers", async () => {
    const { send } = await forwarding([new FakeUpstream("one", () => "unreachable")]);
    const answer = await send(ask("example.com", { size: 1232 }));
    expect(rcodeOf(answer)).toBe("SERVFAIL");
    expect(answer.readUInt16BE(answer.length - 2)).toBe(22);
  });

  for (const [flags, rcode] of [[2, "SERVFAIL"], [3, "NXDOMAIN"], [5, "REFUSED"]] as const)
    it(`gets the upstream's ${rcode}`, async () => {
      const { send } = await forwarding([new FakeUpstream("one", fails(flags))]);
      expect(rcodeOf(await send(ask("example.com")))).toBe(rcode);
    });

  it("gets the code of an upstream that does not repeat the question", async () => {
    const { send } = await forwarding([new FakeUpstream("one", ({ message }) => Uint8Array.from([message[0] ?? 0, message[1] ?? 0, 0x81, 1, 0, 0, 0, 0, 0, 0, 0, 0]))]);
    const answer = await send(ask("example.com"));
    expect([rcodeOf(answer), decodeMessage(answer).questions?.length]).toEqual(["FORMERR", 1]);
  });

  it("does not reach an upstream when it is ours", async () => {
    const upstream = new FakeUpstream("one", addresses(1));
    const { send } = await forwarding([upstream]);
    for (const name of ["nope.cluster.west", "httpd.test.svc.cluster.west", "x.svc.cluster.local", "9.9.2.10.in-addr.arpa"]) await send(ask(name));
    expect(upstream.asked).toEqual([]);
    expect((await send(ask("httpd.test.svc.cluster.west")))[3], "RA everywhere while we forward").toBe(0x80);
  });

  it("waits for nobody else: two clients may wait at once", async () => {
    const pending: (() => void)[] = [];
    const upstream = new FakeUpstream("one", (query) => new Promise<Uint8Array>((resolve) => pending.push(() => resolve(addresses(1)(query) as Uint8Array))));
    const { send } = await forwarding([upstream]);
    const both = [send(ask("a.example", { id: 1 })), send(ask("b.example", { id: 2 }))];
    for (const answer of pending.toReversed()) answer();
    const got = (await Promise.all(both)).map((answer) => [answer.readUInt16BE(0), decodeMessage(answer).questions?.[0]?.name]);
    expect(got).toEqual([[1, "a.example"], [2, "b.example"]]);
  });
});

describe("an alias of ours whose target is not", () => {
  const alias = "outside.test.svc.cluster.west";

  it("is answered with the alias and what the upstream says of its target", async () => {
    const upstream = new FakeUpstream("one", ({ message }) =>
      encodeReply(message, {
        answers: [
          { type: "CNAME", name: "www.example.com", ttl: 30, data: "cdn.example.net" },
          { type: "A", name: "cdn.example.net", ttl: 20, data: "192.0.2.80" },
        ],
      }));
    const { send } = await forwarding([upstream]);
    const answer = await send(ask(alias));
    expect(showSection(decodeMessage(answer).answers)).toEqual([
      `${alias} 5 CNAME www.example.com`,
      "www.example.com 30 CNAME cdn.example.net",
      "cdn.example.net 20 A 192.0.2.80",
    ]);
    expect((answer[2] ?? 0) & 0x04, "AA: the alias is ours").toBe(0x04);
  });

  it("is NODATA when the target has no address", async () => {
    const { send } = await forwarding([new FakeUpstream("one", fails(3))]);
    const answer = await send(ask(alias, { type: "AAAA" }));
    expect([rcodeOf(answer), decodeMessage(answer).answers?.length, showSection(decodeMessage(answer).authorities)]).toEqual([
      "NOERROR",
      0,
      ["cluster.west 5 SOA ns.dns.cluster.west hostmaster.cluster.west 7200 1800 86400 5"],
    ]);
  });

  it("is cut when the upstream's answer was", async () => {
    const { send } = await forwarding([new FakeUpstream("one", ({ message }) => encodeReply(message, { flags: 0x0200, answers: [{ type: "A", name: "www.example.com", ttl: 1, data: "192.0.2.1" }] }))]);
    expect(((await send(ask(alias)))[2] ?? 0) & 0x02).toBe(0x02);
  });

  it("is cut at whole records when the client cannot take all", async () => {
    const { send } = await forwarding([new FakeUpstream("one", addresses(60))]);
    const answer = await send(ask(alias));
    expect(answer.length).toBeLessThanOrEqual(512);
    expect((answer[2] ?? 0) & 0x02).toBe(0x02);
    expect(decodeMessage(answer).answers?.length).toBe(answer.readUInt16BE(6));
  });

  it("is SERVFAIL when no upstream answers", async () => {
    const { send } = await forwarding([new FakeUpstream("one", () => "unreachable")]);
    expect(rcodeOf(await send(ask(alias)))).toBe("SERVFAIL");
  });
});

describe("an upstream that leads back to this server", () => {
  it("is found out and not asked any more", async () => {
    const stop = new AbortController();
    const loop = new FakeUpstream("loop", async ({ message }) => (await forwardingToItself).send(message));
    const good = new FakeUpstream("good", addresses(1));
    const forwardingToItself = forwarding([loop, good]);
    const { watch, looping, send, health } = await forwardingToItself;
    const running = watch.run(stop.signal);
    await expect.poll(() => looping).toContain("loop");
    stop.abort();
    await running;
    expect(health.state("loop").loops).toBe(true);
    const before = loop.asked.length;
    expect(rcodeOf(await send(ask("example.com")))).toBe("NOERROR");
    expect(loop.asked.length).toBe(before);
    expect(looping).not.toContain("good");
  });
});
