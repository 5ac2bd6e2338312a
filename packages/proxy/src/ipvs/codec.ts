import { attributesOf } from "@sdn-tunnel/common/kernel/attributes";
import { understand } from "@sdn-tunnel/common/kernel/netlink-message";
import { addressFromBytes, familyOf } from "@sdn-tunnel/common/net/address";
import { serverKey, splitServer } from "../services/server.ts";
import type { ServerKey, Transport } from "../services/server.ts";
import { splitTarget, targetKey } from "../services/target.ts";
import type { TargetKey } from "../services/target.ts";
import type { Destination, ServiceSettings } from "./state.ts";
import { hasFallback } from "./table.ts";
import type { IpvsOp } from "./table.ts";
import { MessageWriter } from "./writer.ts";

// Generic netlink of IPVS, version 1 (linux/ip_vs.h).
const COMMAND = {
  "add-service": 1,
  "edit-service": 2,
  "delete-service": 3,
  "add-destination": 5,
  "edit-destination": 6,
  "delete-destination": 7,
  "get-service": 4,
  "get-destinations": 8,
} as const satisfies Record<IpvsOp["kind"] | "get-service" | "get-destinations", number>;
const VERSION = 1;
const [SERVICE, DESTINATION] = [1, 2];
const SVC = { family: 1, protocol: 2, address: 3, port: 4, scheduler: 6, flags: 7, timeout: 8, netmask: 9 } as const;
const DST = { address: 1, port: 2, forwarding: 3, weight: 4, upper: 5, lower: 6, active: 7, inactive: 8, family: 11 } as const;
const [PERSISTENT, ONE_PACKET, FALLBACK] = [0x1, 0x4, 0x8];
/** Flags that change which destination is chosen: those of a scheduler that hashes, and one-packet scheduling. */
const CHOICE = 0x38 | ONE_PACKET;
/** Bits of struct ip_vs_flags that are set to what we say. */
const ALL_FLAGS = 0xffff_ffff;
/** AF_* of socket(2) and IPPROTO_* of ip(7). */
const AF = { 4: 2, 6: 10 } as const;
const PROTOCOL: Record<Transport, number> = { tcp: 6, udp: 17, sctp: 132 };
const transports = Object.keys(PROTOCOL) as Transport[];
/** NLM_F_* of netlink(7). */
const [REQUEST, ACK, DUMP] = [0x1, 0x4, 0x300];

/** Bytes that no request exceeds: one with a service and a destination has 140, one with settings about 130. */
const LONGEST = 256;

/** The request for operations as one datagram, numbered from `first`; only the last one is acknowledged when it succeeds. */
export function encodeOps(ops: readonly IpvsOp[], type: number, first: number): Buffer {
  const writer = new MessageWriter(ops.length * LONGEST);
  for (const [i, op] of ops.entries())
    writer.message(type, i === ops.length - 1 ? REQUEST | ACK : REQUEST, first + i, [COMMAND[op.kind], VERSION], () => {
      writer.nest(SERVICE, () => {
        writeName(writer, op.service);
        if ("settings" in op) writeSettings(writer, op.service, op.settings);
      });
      if ("target" in op) writer.nest(DESTINATION, () => writeDestination(writer, op.target, "weight" in op ? op.weight : undefined));
    });
  return writer.datagram;
}

/** The request for the settings of all services, which is a dump. */
export function encodeServicesQuery(type: number, sequence: number): Buffer {
  const writer = new MessageWriter(LONGEST);
  writer.message(type, REQUEST | DUMP, sequence, [COMMAND["get-service"], VERSION], () => {});
  return writer.datagram;
}

/** The request for a service's settings. */
export function encodeServiceQuery(service: ServerKey, type: number, sequence: number): Buffer {
  return encodeQuery(COMMAND["get-service"], REQUEST | ACK, service, type, sequence);
}

/** The request for a service's destinations, which is a dump. */
export function encodeDestinationsQuery(service: ServerKey, type: number, sequence: number): Buffer {
  return encodeQuery(COMMAND["get-destinations"], REQUEST | DUMP, service, type, sequence);
}

/** Settings from an answer about a service. @throws {CommonError} NETLINK_UNREADABLE */
export const decodeSettings = (payload: Buffer): ServiceSettings =>
  understand(() => {
    const found = inside(payload, SERVICE);
    const scheduler = found.get(SVC.scheduler)?.toString("latin1").replace(/\0[^]*$/, "");
    if (scheduler === undefined) throw new RangeError("a service without a scheduler");
    const flags = found.get(SVC.flags)?.readUInt32LE() ?? 0;
    const [ours, significant] = hasFallback(scheduler) ? [FALLBACK, CHOICE] : [0, ONE_PACKET]; // the others know no flags
    return {
      scheduler,
      ...(flags & PERSISTENT ? { affinitySeconds: found.get(SVC.timeout)?.readUInt32LE() ?? 0 } : {}),
      ...((flags & significant) === ours ? {} : { altered: true as const }),
    };
  });

/** Which service an answer is about; `undefined` for one by firewall mark, or of a protocol that we do not know. @throws {CommonError} NETLINK_UNREADABLE */
export const decodeServiceKey = (payload: Buffer): ServerKey | undefined =>
  understand(() => {
    const found = inside(payload, SERVICE);
    const protocol = found.get(SVC.protocol)?.readUInt16LE();
    const transport = transports.find((name) => PROTOCOL[name] === protocol);
    const [bytes, family, port] = [found.get(SVC.address), found.get(SVC.family)?.readUInt16LE(), found.get(SVC.port)?.readUInt16BE()];
    if (transport === undefined || bytes === undefined || port === undefined) return undefined;
    return serverKey({ transport, address: addressFromBytes(bytes.subarray(0, family === AF[4] ? 4 : 16)), port });
  });

/** A destination from an answer about one service's destinations. @throws {CommonError} NETLINK_UNREADABLE */
export const decodeDestination = (payload: Buffer, service: ServerKey): [TargetKey, Destination] =>
  understand(() => {
    const found = inside(payload, DESTINATION);
    const number = (type: number): number => found.get(type)?.readUInt32LE() ?? 0;
    const length = familyOf(splitServer(service).address) === 4 ? 4 : 16;
    const [address, port] = [found.get(DST.address)?.subarray(0, length), found.get(DST.port)];
    if (address?.length !== length || !port) throw new RangeError("a destination without address or port");
    const state = { weight: number(DST.weight), connections: number(DST.active) + number(DST.inactive), masqueraded: (number(DST.forwarding) & 7) === 0 };
    return [targetKey(addressFromBytes(address), port.readUInt16BE()), state];
  });

function inside(payload: Buffer, type: number): Map<number, Buffer> {
  const object = attributesOf(payload.subarray(4)).find((found) => found.type === type)?.payload ?? Buffer.alloc(0); // struct genlmsghdr
  return new Map(attributesOf(object).map((found) => [found.type, found.payload]));
}

function encodeQuery(command: number, flags: number, service: ServerKey, type: number, sequence: number): Buffer {
  const writer = new MessageWriter(LONGEST);
  writer.message(type, flags, sequence, [command, VERSION], () => writer.nest(SERVICE, () => writeName(writer, service)));
  return writer.datagram;
}

function writeName(writer: MessageWriter, service: ServerKey): void {
  const { transport, address, port } = splitServer(service);
  writer.u16(SVC.family, AF[familyOf(address)]);
  writer.u16(SVC.protocol, PROTOCOL[transport]);
  writer.address(SVC.address, address);
  writer.port(SVC.port, port);
}

function writeSettings(writer: MessageWriter, service: ServerKey, { scheduler, affinitySeconds }: ServiceSettings): void {
  writer.text(SVC.scheduler, scheduler);
  writer.words(SVC.flags, (affinitySeconds === undefined ? 0 : PERSISTENT) | (hasFallback(scheduler) ? FALLBACK : 0), ALL_FLAGS);
  writer.u32(SVC.timeout, affinitySeconds ?? 0);
  writer.u32(SVC.netmask, familyOf(splitServer(service).address) === 4 ? 0xffff_ffff : 128); // a mask, or the length of a prefix
}

/** @param weight absent where the destination is only named */
function writeDestination(writer: MessageWriter, target: TargetKey, weight: number | undefined): void {
  const { address, port } = splitTarget(target);
  writer.u16(DST.family, AF[familyOf(address)]);
  writer.address(DST.address, address);
  writer.port(DST.port, port);
  if (weight === undefined) return;
  writer.u32(DST.forwarding, 0); // masquerading
  writer.u32(DST.weight, weight);
  // Without thresholds a destination is never "overloaded".
  writer.u32(DST.upper, 0);
  writer.u32(DST.lower, 0);
}
