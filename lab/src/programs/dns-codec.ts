import packet from "dns-packet";
import type { Packet, Question, StringAnswer } from "dns-packet";

export type DnsQuestion = Question;
export type Answer = StringAnswer & { readonly type: "A" | "AAAA" };

/** An answer of an authoritative server that also offers recursion. */
export interface DnsReply {
  readonly id: number | undefined;
  readonly question: Question;
  readonly rcode: "NOERROR" | "NXDOMAIN";
  readonly answers: readonly Answer[];
}

export type DnsQuery = Packet & { readonly questions: Question[] };

/** Codes of RFC 1035 §4.1.1, which are the low bits of the flags. */
const RCODE = { NOERROR: 0, NXDOMAIN: 3 };

export const decode = (message: Buffer): DnsQuery => withQuestions(packet.decode(message));
export const encode = (reply: DnsReply): Buffer => packet.encode(packetOf(reply));
/** As `decode()`, for a message with the two bytes of its length in front (RFC 1035 §4.2.2). */
export const streamDecode = (message: Buffer): DnsQuery => withQuestions(packet.streamDecode(message));
export const streamEncode = (reply: DnsReply): Buffer => packet.streamEncode(packetOf(reply));

function withQuestions(decoded: Packet): DnsQuery {
  return { ...decoded, questions: decoded.questions ?? [] };
}

function packetOf({ id, question, rcode, answers }: DnsReply): Packet {
  const flags = packet.AUTHORITATIVE_ANSWER | packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | RCODE[rcode];
  return { type: "response", ...(id === undefined ? {} : { id }), flags, questions: [question], answers: [...answers] };
}
