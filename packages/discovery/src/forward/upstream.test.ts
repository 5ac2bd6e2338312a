import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { describe, expect, it } from "vitest";
import { encodeQuery, encodeReply } from "../../testing/decode.ts";
import { freePort } from "../../testing/free-port.ts";
import { limits } from "../limits/limits.ts";
import { Frames, frame } from "../listen/frames.ts";
import { upstreamContract } from "./contract.ts";
import type { Remote, UpstreamBed } from "./contract.ts";
import { FakeUpstream } from "./fake.ts";
import { NetworkUpstream } from "./network-upstream.ts";

upstreamContract("FakeUpstream", () => {
  const upstream = new FakeUpstream("fake", () => "unreachable");
  return Promise.resolve({
    upstream,
    remote: (behaviour) => {
      upstream.replyWith(({ message, transport }) => (behaviour ? (behaviour(message, transport) ?? "silent") : "unreachable"));
      return Promise.resolve();
    },
    close: () => Promise.resolve(upstream.close()),
  } satisfies UpstreamBed);
});

for (const host of ["127.0.0.1", "::1"]) upstreamContract(`NetworkUpstream at ${host}`, () => networkBed(host));

interface Seen {
  readonly port: number;
  readonly id: number;
}

async function networkBed(host: string, seen: Seen[] = []): Promise<UpstreamBed> {
  const port = await freePort(host);
  const upstream = new NetworkUpstream({ host: parseAddress(host), port });
  let shut = async (): Promise<void> => undefined;
  return {
    upstream,
    remote: async (behaviour) => {
      await shut();
      shut = behaviour ? await serve(host, port, behaviour, seen) : async () => undefined;
    },
    close: async () => {
      upstream.close();
      await shut();
    },
  };
}

async function serve(host: string, port: number, behaviour: Remote, seen: Seen[]): Promise<() => Promise<void>> {
  const udp = createSocket(host.includes(":") ? "udp6" : "udp4");
  udp.on("message", (message, from) => {
    seen.push({ port: from.port, id: message.readUInt16BE(0) });
    const reply = behaviour(message, "udp");
    if (reply) udp.send(reply, from.port, from.address);
  });
  udp.bind(port, host);
  await once(udp, "listening");
  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket);
    const frames = new Frames();
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      frames.push(chunk);
      for (let message = frames.next(); message; message = frames.next()) {
        const reply = behaviour(message, "tcp");
        if (reply) socket.write(frame(reply));
      }
    });
  });
  tcp.listen(port, host);
  await once(tcp, "listening");
  return async () => {
    udp.close();
    for (const socket of sockets) socket.destroy();
    tcp.close();
    await once(tcp, "close");
  };
}

const query = (name = "www.example.com"): Uint8Array => encodeQuery({ id: 0x4242, questions: [{ type: "A", name }] });

const { signal } = new AbortController();

describe("NetworkUpstream", () => {
  const forged: [string, (reply: Buffer) => Buffer][] = [
    ["another id", (reply) => change(reply, 0, (byte) => byte ^ 1)],
    ["another question", (reply) => change(reply, 13, (byte) => byte ^ 1)],
    ["a query", (reply) => change(reply, 2, (byte) => byte & 0x7f)],
    ["less than a header", (reply) => reply.subarray(0, 5)],
  ];
  for (const [sentence, forge] of forged)
    it(`is not fooled by ${sentence}, and waits for the true answer`, async () => {
      const bed = await networkBed("127.0.0.1");
      const forger = createSocket("udp4");
      await bed.remote((message) => forge(Buffer.from(encodeReply(message))));
      const wrong = bed.upstream.ask({ message: query(), transport: "udp", timeoutMs: 100, signal });
      await expect(wrong).rejects.toThrow(/no answer within/);
      forger.close();
      await bed.close();
    });

  it("asks with many ports and ids", async () => {
    const seen: Seen[] = [];
    const bed = await networkBed("127.0.0.1", seen);
    await bed.remote((message) => encodeReply(message));
    for (let i = 0; i < 200; i++) await bed.upstream.ask({ message: query(), transport: "udp", timeoutMs: 2000, signal });
    expect(new Set(seen.map(({ port }) => port)).size).toBeGreaterThan(limits.forwardSockets / 2);
    expect(new Set(seen.map(({ id }) => id)).size).toBeGreaterThan(150);
    await bed.close();
  });

  it("takes a reply in another case", async () => {
    const bed = await networkBed("127.0.0.1");
    await bed.remote((message) => change(Buffer.from(encodeReply(message)), 13, () => 0x57)); // "Www"
    await expect(bed.upstream.ask({ message: query(), transport: "udp", timeoutMs: 2000, signal })).resolves.toBeInstanceOf(Uint8Array);
    await bed.close();
  });
});

function change(bytes: Buffer, at: number, how: (byte: number) => number): Buffer {
  bytes[at] = how(bytes[at] ?? 0);
  return bytes;
}
