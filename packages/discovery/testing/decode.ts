import { parseAddress } from "@sdn-tunnel/common/net/address";
import { decode, encode } from "dns-packet";
import type { Answer, DecodedPacket, Packet } from "dns-packet";

/** A query as another implementation writes it. */
export const encodeQuery = (packet: Packet): Uint8Array => encode({ type: "query", id: 0x1234, flags: 0x0100, ...packet });

/** A message as another implementation reads it. */
export const decodeMessage = (message: Uint8Array): DecodedPacket => decode(Buffer.from(message));

/** What an upstream replies to `query` (which is repeated): records, and flags besides QR, RD and RA. */
export function encodeReply(query: Uint8Array, { flags = 0, ...sections }: Partial<Packet> = {}): Uint8Array {
  const { id = 0, questions = [] } = decode(Buffer.from(query));
  return encode({ type: "response", id, flags: 0x0180 | flags, questions, ...sections });
}

/** The four bits of the header. */
export const rcodeOf = (message: Uint8Array): string =>
  ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"][(message[3] ?? 0) & 15] ?? "other";

/** A record in one line: `httpd.test.svc.cluster.west 5 A 10.0.0.1`. OPT is left out by `showSection()`. */
export function showRecord(record: Answer): string {
  if (record.type === "OPT") return "OPT";
  const ttl = "ttl" in record ? record.ttl : 0;
  return `${record.name} ${ttl} ${record.type} ${showData(record)}`;
}

/** A section's records, without OPT. */
export const showSection = (records: readonly Answer[] = []): string[] => records.filter(({ type }) => type !== "OPT").map(showRecord);

function showData(record: Answer): string {
  const data: unknown = "data" in record ? record.data : "";
  if (record.type === "SRV") return `${record.data.priority} ${record.data.weight} ${record.data.port} ${record.data.target}`;
  if (record.type === "SOA") return `${record.data.mname} ${record.data.rname} ${record.data.refresh} ${record.data.retry} ${record.data.expire} ${record.data.minimum}`;
  if (record.type === "TXT") return [record.data].flat().map(String).join(" ");
  if (record.type === "AAAA") return parseAddress(record.data); // the decoder's text is not canonical
  return typeof data === "string" ? data : JSON.stringify(data);
}
