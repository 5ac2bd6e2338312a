import { addressFromBytes } from "@sdn-tunnel/common/net/address";
import { serverKey } from "../services/server.ts";
import type { ServerKey } from "../services/server.ts";
import { targetKey } from "../services/target.ts";
import type { TargetKey } from "../services/target.ts";

/** Attributes of linux/netfilter/nfnetlink_conntrack.h. */
const CTA = { tupleOrig: 1, tupleReply: 2, id: 12, zone: 18, filter: 25 } as const;
const TUPLE = { ip: 1, proto: 2 } as const;
/** IPv4 source and destination, then the same for IPv6. */
const IP = { source: [1, 3], destination: [2, 4] } as const;
const PROTO = { number: 1, sourcePort: 2, destinationPort: 3 } as const;
const FILTER = { origFlags: 1, replyFlags: 2 } as const;
const FILTER_PROTO_NUMBER = 1 << 3;
const UDP = 17;

type Attributes = ReadonlyMap<number, Buffer>;

/** One tracked connection: the attributes that name it, and where it leads; `undefined` when it is not UDP. */
export function decodeFlow(payload: Buffer): { server: ServerKey; target: TargetKey; name: Uint8Array } | undefined {
  const attributes = parseAttributes(payload.subarray(4)); // struct nfgenmsg
  const orig = attributes.get(CTA.tupleOrig);
  const reply = attributes.get(CTA.tupleReply);
  if (!orig || !reply) return undefined;
  const server = endOf(orig, IP.destination, PROTO.destinationPort);
  const target = endOf(reply, IP.source, PROTO.sourcePort);
  if (!server || !target) return undefined;
  const named = [CTA.tupleOrig, CTA.zone, CTA.id].flatMap((type) => {
    const value = attributes.get(type);
    return value ? [attribute(type, value, type === CTA.tupleOrig)] : [];
  });
  const name = Buffer.concat([payload.subarray(0, 4), ...named]);
  return { server: serverKey({ transport: "udp", ...server }), target: targetKey(target.address, target.port), name };
}

/** A request for every UDP connection of one family; a kernel before 5.8 ignores the filter and lists all protocols. */
export function encodeUdpQuery(family: number): Uint8Array {
  const proto = attribute(TUPLE.proto, attribute(PROTO.number, Buffer.from([UDP])), true);
  const filter = [attribute(FILTER.origFlags, word(FILTER_PROTO_NUMBER)), attribute(FILTER.replyFlags, word(0))];
  return Buffer.concat([
    Buffer.from([family, 0, 0, 0]),
    attribute(CTA.tupleOrig, proto, true),
    attribute(CTA.filter, Buffer.concat(filter), true),
  ]);
}

function endOf(tuple: Buffer, ipTypes: readonly number[], portType: number) {
  const parts = parseAttributes(tuple);
  const ip = parseAttributes(parts.get(TUPLE.ip) ?? Buffer.alloc(0));
  const proto = parseAttributes(parts.get(TUPLE.proto) ?? Buffer.alloc(0));
  const address = ipTypes.map((type) => ip.get(type)).find((value) => value !== undefined);
  const port = proto.get(portType);
  if (!address || !port || proto.get(PROTO.number)?.[0] !== UDP) return undefined;
  return { address: addressFromBytes(address), port: port.readUInt16BE() };
}

/** Attributes by type, flags of the type left out (netlink(7)). */
function parseAttributes(buffer: Buffer): Attributes {
  const attributes = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= buffer.length; ) {
    const length = buffer.readUInt16LE(at);
    if (length < 4) break;
    attributes.set(buffer.readUInt16LE(at + 2) & 0x3fff, buffer.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return attributes;
}

function attribute(type: number, value: Uint8Array, nested = false): Buffer {
  const buffer = Buffer.alloc(4 + ((value.length + 3) & ~3));
  buffer.writeUInt16LE(4 + value.length, 0);
  buffer.writeUInt16LE(nested ? type | 0x8000 : type, 2);
  buffer.set(value, 4);
  return buffer;
}

function word(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
