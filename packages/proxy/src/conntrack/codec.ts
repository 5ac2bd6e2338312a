import { attribute, attributesOf, nest } from "@sdn-tunnel/common/kernel/attributes";
import { understand } from "@sdn-tunnel/common/kernel/netlink-message";
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
/** Bytes of struct nfgenmsg (linux/netfilter/nfnetlink.h). */
const HEADER = 4;

/**
 * One tracked connection: the attributes that name it, and where it leads; `undefined` when it is not UDP.
 *
 * @throws {CommonError} NETLINK_UNREADABLE
 */
export const decodeFlow = (message: Buffer): NamedFlow | undefined => understand(() => decode(message));

interface NamedFlow {
  readonly server: ServerKey;
  readonly target: TargetKey;
  readonly name: Uint8Array;
}

function decode(message: Buffer): NamedFlow | undefined {
  const attributes = byType(message.subarray(HEADER));
  const orig = attributes.get(CTA.tupleOrig);
  const reply = attributes.get(CTA.tupleReply);
  const server = orig && endOf(orig, IP.destination, PROTO.destinationPort);
  const target = reply && endOf(reply, IP.source, PROTO.sourcePort);
  if (!orig || !server || !target) return undefined;
  const also = [CTA.zone, CTA.id].flatMap((type) => {
    const value = attributes.get(type);
    return value ? [attribute(type, value)] : [];
  });
  const name = Buffer.concat([message.subarray(0, HEADER), nest(CTA.tupleOrig, [orig]), ...also]);
  return { server: serverKey({ transport: "udp", ...server }), target: targetKey(target.address, target.port), name };
}

/** A request for every UDP connection of one family; a kernel before 5.8 ignores the filter and lists all protocols. */
export function encodeUdpQuery(family: number): Uint8Array {
  const proto = nest(TUPLE.proto, [attribute(PROTO.number, Buffer.from([UDP]))]);
  const flags = [attribute(FILTER.origFlags, word(FILTER_PROTO_NUMBER)), attribute(FILTER.replyFlags, word(0))];
  return Buffer.concat([Buffer.from([family, 0, 0, 0]), nest(CTA.tupleOrig, [proto]), nest(CTA.filter, flags)]);
}

function endOf(tuple: Buffer, ipTypes: readonly number[], portType: number) {
  const parts = byType(tuple);
  const ip = byType(parts.get(TUPLE.ip) ?? Buffer.alloc(0));
  const proto = byType(parts.get(TUPLE.proto) ?? Buffer.alloc(0));
  const address = ipTypes.map((type) => ip.get(type)).find((value) => value !== undefined);
  const port = proto.get(portType);
  if (!address || !port || proto.get(PROTO.number)?.[0] !== UDP) return undefined;
  return { address: addressFromBytes(address), port: port.readUInt16BE() };
}

function byType(bytes: Buffer): Map<number, Buffer> {
  return new Map(attributesOf(bytes).map(({ type, payload }) => [type, payload]));
}

function word(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
