import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { afterEach, describe, expect, it } from "vitest";
import { decodeMessage, encodeQuery, rcodeOf, showSection } from "../../testing/decode.ts";
import { forwarding } from "../../testing/forwarding.ts";
import { limits } from "../limits/limits.ts";
import { FakeUpstream } from "../forward/fake.ts";
import type { Client, DropReason } from "./answering.ts";
import { Frames, frame } from "./frames.ts";
import { listenOn } from "./listen.ts";

const HTTPD = "httpd.test.svc.cluster.west";
const query = (name: string, id = 1): Uint8Array => encodeQuery({ id, questions: [{ type: "A", name }] });
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A whole server on a loopback address. */
async function server(host = "127.0.0.1", upstream = new FakeUpstream("none", () => "unreachable")) {
  const stop = new AbortController();
  closers.push(() => stop.abort());
  const counted: string[] = [];
  const tally = {
    answered: ({ transport, family }: Client, type: number, rcode: number) => void counted.push(`${transport} ${family} ${type} ${rcode}`),
    dropped: ({ transport }: Client, reason: DropReason) => void counted.push(`${transport} ${reason}`),
  };
  const { answers } = await forwarding([upstream]);
  const [port = 0] = await listenOn([{ host: parseAddress(host), port: 0 }], { answering: answers, tally }, stop.signal);
  return { port, host, counted, stop };
}

async function overUdp({ port, host }: { port: number; host: string }, message: Uint8Array): Promise<Buffer> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  closers.push(() => socket.close());
  socket.send(message, port, host);
  const [answer] = (await once(socket, "message", { signal: AbortSignal.timeout(2000) })) as [Buffer];
  return answer;
}

function overTcp({ port, host }: { port: number; host: string }): { socket: Socket; answers: Buffer[] } {
  const socket = connect({ port, host });
  closers.push(() => socket.destroy());
  const [frames, answers] = [new Frames(), [] as Buffer[]];
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    frames.push(chunk);
    for (let message = frames.next(); message; message = frames.next()) answers.push(message);
  });
  return { socket, answers };
}

describe("over UDP", () => {
  for (const host of ["127.0.0.1", "::1"])
    it(`answers at ${host}, and counts`, async () => {
      const at = await server(host);
      expect(showSection(decodeMessage(await overUdp(at, query(HTTPD))).answers)).toEqual([`${HTTPD} 5 A 10.97.0.7`]);
      expect(at.counted).toEqual([`udp ${host.includes(":") ? 6 : 4} 1 0`]);
    });

  it("answers IPv4 on the IPv6 wildcard, and counts it as IPv4", async () => {
    const { port, counted } = await server("::");
    expect(rcodeOf(await overUdp({ port, host: "127.0.0.1" }, query(HTTPD)))).toBe("NOERROR");
    expect(rcodeOf(await overUdp({ port, host: "::1" }, query(HTTPD)))).toBe("NOERROR");
    expect(counted).toEqual(["udp 4 1 0", "udp 6 1 0"]);
  });

  it("does not answer what is no query, and goes on", async () => {
    const at = await server();
    const socket = createSocket("udp4");
    closers.push(() => socket.close());
    for (const junk of [Buffer.alloc(0), Buffer.alloc(5), Buffer.alloc(12, 0xff)]) socket.send(junk, at.port, at.host);
    expect(rcodeOf(await overUdp(at, query(HTTPD)))).toBe("NOERROR");
    await expect.poll(() => at.counted.filter((line) => line === "udp no-query").length).toBe(3);
  });

  it("says why it cannot listen", async () => {
    const { port } = await server();
    const again = listenOn([{ host: parseAddress("127.0.0.1"), port }], {} as never, new AbortController().signal);
    await expect(again).rejects.toThrow(/Cannot listen on udp 127\.0\.0\.1:\d+: .*EADDRINUSE/);
  });
});

describe("over TCP", () => {
  it("answers three queries in one segment, matched by id", async () => {
    const { socket, answers } = overTcp(await server());
    socket.write(Buffer.concat([1, 2, 3].map((id) => frame(query(HTTPD, id)))));
    await expect.poll(() => answers.length).toBe(3);
    expect(answers.map((answer) => answer.readUInt16BE(0)).toSorted()).toEqual([1, 2, 3]);
  });

  it("answers a query that comes byte by byte", async () => {
    const { socket, answers } = overTcp(await server());
    for (const byte of frame(query(HTTPD))) {
      socket.write(Buffer.from([byte]));
      await sleep(1);
    }
    await expect.poll(() => answers.length).toBe(1);
  });

  it("answers out of order: what is known does not wait for an upstream", async () => {
    const upstream = new FakeUpstream("slow", ({ message }) => sleep(300).then(() => Uint8Array.from(message, (byte, i) => (i === 2 ? byte | 0x80 : byte))));
    const { socket, answers } = overTcp(await server("127.0.0.1", upstream));
    socket.write(Buffer.concat([frame(query("www.example.com", 1)), frame(query(HTTPD, 2))]));
    await expect.poll(() => answers.length).toBe(2);
    expect(answers.map((answer) => answer.readUInt16BE(0))).toEqual([2, 1]);
  });

  it("answers what waits before it closes a connection that the client has half closed", async () => {
    const upstream = new FakeUpstream("slow", ({ message }) => sleep(200).then(() => Uint8Array.from(message, (byte, i) => (i === 2 ? byte | 0x80 : byte))));
    const { socket, answers } = overTcp(await server("127.0.0.1", upstream));
    socket.end(frame(query("www.example.com", 9)));
    await once(socket, "close");
    expect(answers.map((answer) => answer.readUInt16BE(0))).toEqual([9]);
  });

  it("reads no further while too many queries wait", async () => {
    let asked = 0;
    const upstream = new FakeUpstream("stuck", () => {
      asked++;
      return new Promise<Uint8Array>(() => undefined);
    });
    const { socket, answers } = overTcp(await server("127.0.0.1", upstream));
    const many = Array.from({ length: limits.tcpQueriesInFlight + 50 }, (_, i) => frame(query(`n${i}.example`, i)));
    socket.write(Buffer.concat([...many, frame(query(HTTPD, 999))]));
    await expect.poll(() => asked).toBe(limits.tcpQueriesInFlight);
    await sleep(200);
    expect([asked, answers.length]).toEqual([limits.tcpQueriesInFlight, 0]);
  });

  it("closes a connection whose query stays incomplete, however slowly it trickles in", async () => {
    const { socket } = overTcp(await server());
    const started = Date.now();
    const trickle = setInterval(() => socket.write(Buffer.from([0xff])), 500);
    closers.push(() => clearInterval(trickle));
    await once(socket, "close");
    expect(Date.now() - started).toBeGreaterThan(limits.tcpReadMs - 100);
    expect(Date.now() - started).toBeLessThan(limits.tcpReadMs + 1500);
  });

  it("does not keep what a client does not fetch: it reads no more queries of that client", async () => {
    const at = await server();
    const { socket } = overTcp(at);
    socket.pause();
    const block = Buffer.concat(Array.from({ length: 1000 }, (_, i) => frame(query(HTTPD, i))));
    for (let i = 0; i < 200; i++) socket.write(block);
    await sleep(1000);
    const settled = at.counted.length;
    await sleep(500);
    expect(at.counted.length, "it has stopped").toBe(settled);
    expect(settled).toBeLessThan(200_000);
    expect(rcodeOf(await overUdp(at, query(HTTPD))), "others are answered").toBe("NOERROR");
  });

  it("closes after its share of queries", async () => {
    const { socket, answers } = overTcp(await server());
    const block = Buffer.concat(Array.from({ length: 1000 }, (_, i) => frame(query(HTTPD, i))));
    for (let i = 0; i < limits.tcpQueriesPerConnection / 1000 + 1; i++) socket.write(block);
    await once(socket, "close");
    expect(answers.length).toBe(limits.tcpQueriesPerConnection);
  });

  it("ends all connections when the server stops", async () => {
    const at = await server();
    const { socket } = overTcp(at);
    await once(socket, "connect");
    at.stop.abort();
    await once(socket, "close");
    expect(socket.destroyed).toBe(true);
  });
});
