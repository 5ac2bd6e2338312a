import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { parseArgs } from "node:util";
import { decode, encode, streamDecode, streamEncode } from "./dns-codec.ts";
import type { Answer, DnsQuestion } from "./dns-codec.ts";

/**
 * The DNS server of the outside world: knows `outside.example`, denies the rest. UDP and TCP, port 53, both
 * families. Each question is one line of JSON on standard output: `{"name", "type", "transport", "client"}`.
 *
 * usage: upstream.ts --v4 ADDRESS --v6 ADDRESS      addresses of every name in the zone
 */
const { values } = parseArgs({ options: { v4: { type: "string", default: "" }, v6: { type: "string", default: "" } } });
const ZONE = "outside.example";

function answer(question: DnsQuestion): { rcode: "NOERROR" | "NXDOMAIN"; answers: Answer[] } {
  const name = question.name.toLowerCase();
  if (name !== ZONE && !name.endsWith(`.${ZONE}`)) return { rcode: "NXDOMAIN", answers: [] };
  const data = question.type === "A" ? values.v4 : question.type === "AAAA" ? values.v6 : undefined;
  return { rcode: "NOERROR", answers: data ? [{ type: question.type as "A" | "AAAA", name: question.name, ttl: 30, data }] : [] };
}

function reply(query: ReturnType<typeof decode>, transport: "udp" | "tcp", client: string) {
  const question = query.questions[0];
  if (!question) return undefined;
  console.log(JSON.stringify({ name: question.name, type: question.type, transport, client: client.replace(/^::ffff:/, "") }));
  return { id: query.id, question, ...answer(question) };
}

const udp = createSocket("udp6");
udp.on("message", (message, peer) => {
  try {
    const response = reply(decode(message), "udp", peer.address);
    if (response) udp.send(encode(response), peer.port, peer.address);
  } catch (error) {
    console.error(`Cannot decode a message from ${peer.address}: ${(error as Error).message}`);
  }
});
const tcp = createServer((socket: Socket) => {
  let pending: Buffer = Buffer.alloc(0);
  socket.on("error", () => socket.destroy()); // the client is gone; nobody is left to answer
  socket.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const response = reply(streamDecode(pending), "tcp", socket.remoteAddress ?? "");
      pending = pending.subarray(2 + pending.readUInt16BE(0));
      if (response) socket.write(streamEncode(response));
    }
  });
});
await Promise.all([
  new Promise<void>((resolve, reject) => udp.once("error", reject).bind(53, "::", resolve)),
  new Promise<void>((resolve, reject) => tcp.once("error", reject).listen(53, "::", resolve)),
]);
console.log("ready");
