import { attribute, attributesOf, nest } from "@sdn-tunnel/common/kernel/attributes";
import { encodeMessage } from "@sdn-tunnel/common/kernel/netlink-message";
import { addressFromBytes, bytesOf, familyOf } from "@sdn-tunnel/common/net/address";
import { splitServer } from "../services/server.ts";
import type { ServerKey, Transport } from "../services/server.ts";
import { splitTarget, targetKey } from "../services/target.ts";
import type { TargetKey } from "../services/target.ts";
import type { Destination, ServiceSettings } from "./state.ts";
import { hasFallback } from "./table.ts";
import type { IpvsOp } from "./table.ts";

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
const [PERSISTENT, FALLBACK] = [0x1, 0x8];
/** Bits of struct ip_vs_flags that are set to what we say. */
const ALL_FLAGS = 0xffff_ffff;
/** AF_* of socket(2) and IPPROTO_* of ip(7). */
const AF = { 4: 2, 6: 10 } as const;
const PROTOCOL: Record<Transport, number> = { tcp: 6, udp: 17, sctp: 132 };
/** NLM_F_* of netlink(7). */
const [REQUEST, ACK, DUMP] = [0x1, 0x4, 0x300];

interface Numbering {
  /** The family's message type in this kernel. */
  readonly type: number;
  readonly sequence: number;
}

/** The request for one operation; only one that `ends` a datagram is acknowledged when it succeeds. */
export function encodeOp(op: IpvsOp, { type, sequence }: Numbering, ends: boolean): Buffer {
  const attributes = [nest(SERVICE, [...nameOf(op.service), ...("settings" in op ? settingsOf(op.service, op.settings) : [])])];
  if ("target" in op) attributes.push(nest(DESTINATION, destinationOf(op.target, "weight" in op ? op.weight : undefined)));
  return encode(COMMAND[op.kind], { type, sequence }, ends ? REQUEST | ACK : REQUEST, attributes);
}

/** The requests for a service's settings and, next in number, for its destinations. */
export function encodeQueries(service: ServerKey, { type, sequence }: Numbering): [Buffer, Buffer] {
  const name = [nest(SERVICE, nameOf(service))];
  return [
    encode(COMMAND["get-service"], { type, sequence }, REQUEST | ACK, name),
    encode(COMMAND["get-destinations"], { type, sequence: sequence + 1 }, REQUEST | DUMP, name),
  ];
}

/** Settings from an answer about a service. */
export function decodeSettings(payload: Buffer): ServiceSettings {
  const found = inside(payload, SERVICE);
  const flags = found.get(SVC.flags)?.readUInt32LE() ?? 0;
  const scheduler = found.get(SVC.scheduler)?.toString("latin1").replace(/\0.*$/, "") ?? "";
  return flags & PERSISTENT ? { scheduler, affinitySeconds: found.get(SVC.timeout)?.readUInt32LE() ?? 0 } : { scheduler };
}

/** A destination from an answer about one service's destinations. */
export function decodeDestination(payload: Buffer, service: ServerKey): [TargetKey, Destination] {
  const found = inside(payload, DESTINATION);
  const number = (type: number): number => found.get(type)?.readUInt32LE() ?? 0;
  const length = familyOf(splitServer(service).address) === 4 ? 4 : 16;
  const address = addressFromBytes(found.get(DST.address)?.subarray(0, length) ?? Buffer.alloc(length));
  const state = { weight: number(DST.weight), connections: number(DST.active) + number(DST.inactive), masqueraded: (number(DST.forwarding) & 7) === 0 };
  return [targetKey(address, found.get(DST.port)?.readUInt16BE() ?? 0), state];
}

function inside(payload: Buffer, type: number): Map<number, Buffer> {
  const object = attributesOf(payload.subarray(4)).find((found) => found.type === type)?.payload ?? Buffer.alloc(0); // struct genlmsghdr
  return new Map(attributesOf(object).map((found) => [found.type, found.payload]));
}

function encode(command: number, { type, sequence }: Numbering, flags: number, attributes: readonly Buffer[]): Buffer {
  const payload = Buffer.concat([Buffer.from([command, VERSION, 0, 0]), ...attributes]);
  return encodeMessage({ type, flags, sequence, payload });
}

function nameOf(service: ServerKey): Buffer[] {
  const { transport, address, port } = splitServer(service);
  return [
    attribute(SVC.family, u16(AF[familyOf(address)])),
    attribute(SVC.protocol, u16(PROTOCOL[transport])),
    attribute(SVC.address, inetAddress(bytesOf(address))),
    attribute(SVC.port, port16(port)),
  ];
}

function settingsOf(service: ServerKey, { scheduler, affinitySeconds }: ServiceSettings): Buffer[] {
  const flags = (affinitySeconds === undefined ? 0 : PERSISTENT) | (hasFallback(scheduler) ? FALLBACK : 0);
  const v4 = familyOf(splitServer(service).address) === 4;
  return [
    attribute(SVC.scheduler, Buffer.from(`${scheduler}\0`)),
    attribute(SVC.flags, Buffer.concat([u32(flags), u32(ALL_FLAGS)])),
    attribute(SVC.timeout, u32(affinitySeconds ?? 0)),
    attribute(SVC.netmask, u32(v4 ? 0xffff_ffff : 128)), // a mask, or the length of a prefix
  ];
}

/** @param weight absent where the destination is only named */
function destinationOf(target: TargetKey, weight: number | undefined): Buffer[] {
  const { address, port } = splitTarget(target);
  const name = [
    attribute(DST.family, u16(AF[familyOf(address)])),
    attribute(DST.address, inetAddress(bytesOf(address))),
    attribute(DST.port, port16(port)),
  ];
  if (weight === undefined) return name;
  // Forwarding 0 is masquerading; without thresholds a destination is never "overloaded".
  return [...name, attribute(DST.forwarding, u32(0)), attribute(DST.weight, u32(weight)), attribute(DST.upper, u32(0)), attribute(DST.lower, u32(0))];
}

/** union nf_inet_addr: an IPv4 address stands in its first four bytes. */
function inetAddress(bytes: Uint8Array): Buffer {
  const buffer = Buffer.alloc(16);
  buffer.set(bytes);
  return buffer;
}

function u16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function port16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16BE(value);
  return buffer;
}
