import { addressFromBytes, bytesOf } from "../net/address.ts";
import type { Address, Family } from "../net/address.ts";
import { prefixOf, rangeOf } from "../net/prefix.ts";
import type { Prefix } from "../net/prefix.ts";
import { attributesOf } from "./attributes.ts";
import { understand } from "./netlink-message.ts";
import { METRIC, PROTOCOL } from "./route.ts";
import type { Route, Rule, Table } from "./route.ts";
import type { RouteMessage, RuleMessage } from "./socket.ts";

/** Address families of socket(2). */
export const AF: Record<Family, number> = { 4: 2, 6: 10 };

// What follows throws a CommonError NETLINK_UNREADABLE where an address has another number of bytes than its family.

/** The prefix of a route in a dump; a default route has no `dst` attribute. */
export function destinationOf({ data, attrs }: RouteMessage): Prefix {
  const zero = new Uint8Array(data.family === AF[6] ? 16 : 4);
  return understand(() => prefixOf(addressFromBytes(attrs.dst ?? zero), data.dstLen ?? 0));
}

export const tableOf = ({ data, attrs }: RouteMessage | RuleMessage): number => attrs.table ?? data.table ?? 0;

/** The route, when it is one of ours. */
export function decodeRoute(message: RouteMessage, deviceName: (index: number) => string | undefined): Route | undefined {
  const { data, attrs } = message;
  if ((data.protocol as unknown) !== PROTOCOL || (data.type !== "UNICAST" && data.type !== "LOCAL")) return undefined;
  return {
    table: tableOf(message) as Table,
    type: data.type === "LOCAL" ? "local" : "unicast",
    destination: destinationOf(message),
    device: deviceName(attrs.oif ?? 0) ?? `if${attrs.oif}`,
    source: attrs.prefsrc && addressOf(attrs.prefsrc),
  };
}

/** The rule, when it is one of ours. */
export function decodeRule(message: RuleMessage): Rule | undefined {
  const { data, attrs } = message;
  if (attrs.protocol !== PROTOCOL) return undefined;
  return { family: data.family === AF[6] ? 6 : 4, preference: attrs.priority ?? 0, table: tableOf(message) as Table };
}

/** The message that adds or replaces a route of ours. */
export function encodeRoute({ table, type, destination, source }: Route, oif: number): RouteMessage {
  const { family, length } = rangeOf(destination);
  const network = destination.slice(0, destination.indexOf("/")) as Address;
  return {
    kind: "route",
    data: {
      family: AF[family],
      dstLen: length,
      protocol: PROTOCOL as never, // the library's enum knows the registered numbers only
      scope: type === "local" ? "HOST" : family === 4 ? "LINK" : "UNIVERSE",
      type: type === "local" ? "LOCAL" : "UNICAST",
    },
    attrs: { table, dst: buffer(network), oif, priority: METRIC, ...(source && { prefsrc: buffer(source) }) },
  };
}

/** The message that deletes a route of ours; without a metric, so that it also finds one that an older version wrote. */
export function encodeRouteDeletion(route: Route): RouteMessage {
  const { data, attrs } = encodeRoute({ ...route, source: undefined }, 0);
  return { kind: "route", data: { ...data, scope: "NOWHERE" }, attrs: { table: route.table, ...(attrs.dst && { dst: attrs.dst }) } };
}

export function encodeRule({ family, preference, table }: Rule): RuleMessage {
  return {
    kind: "rule",
    data: { family: AF[family], action: "toTbl" },
    attrs: { table, priority: preference, protocol: PROTOCOL },
  };
}

/** Addresses of every next hop: `via`, and each leg of a multipath route (RTA_MULTIPATH, rtnetlink(7)). */
export const nextHopsOf = (message: RouteMessage): Address[] => understand(() => readHops(message));

function readHops({ attrs }: RouteMessage): Address[] {
  const hops = attrs.gateway ? [addressFromBytes(attrs.gateway)] : [];
  if (attrs.via) hops.push(addressFromBytes(attrs.via.addr as unknown as Uint8Array));
  const legs = attrs.multipath ?? Buffer.alloc(0);
  for (let at = 0; at < legs.length; ) {
    const length = at + LEG <= legs.length ? legs.readUInt16LE(at) : 0;
    if (length < LEG || at + length > legs.length) throw new RangeError(`a leg of ${length} bytes at byte ${at} of ${legs.length}`);
    for (const { type, payload } of attributesOf(legs.subarray(at + LEG, at + length))) {
      if (type === RTA_GATEWAY) hops.push(addressFromBytes(payload));
      if (type === RTA_VIA) hops.push(addressFromBytes(payload.subarray(2))); // behind its family
    }
    at += align(length);
  }
  return hops;
}

const addressOf = (bytes: Uint8Array): Address => understand(() => addressFromBytes(bytes));

/** Bytes of struct rtnexthop, and attributes behind it. */
const [LEG, RTA_GATEWAY, RTA_VIA] = [8, 5, 18];
const align = (length: number): number => (length + 3) & ~3;
const buffer = (address: Address): Buffer => Buffer.from(bytesOf(address));
