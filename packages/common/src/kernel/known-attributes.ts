import { attribute, attributesOf } from "./attributes.ts";

/** Of each kind of message of rtnetlink(7): types NEW and DEL, bytes of its struct, and the attributes that are read. */
const kinds = [
  { types: [16, 17], header: 16, known: [3, 4, 18] }, // IFLA_IFNAME, _MTU, _LINKINFO
  { types: [24, 25], header: 12, known: [1, 4, 5, 6, 7, 9, 15] }, // RTA_DST, _OIF, _GATEWAY, _PRIORITY, _PREFSRC, _MULTIPATH, _TABLE
  { types: [32, 33], header: 12, known: [6, 15, 21] }, // FRA_PRIORITY, _TABLE, _PROTOCOL
].flatMap(({ types, header, known }) => types.map((type) => [type, { header, known: new Set(known) }] as const));
const byType = new Map(kinds);

const [NEW_ROUTE, DELETE_ROUTE, RTA_GATEWAY, RTA_VIA] = [24, 25, 5, 18];

/**
 * A message without what nobody here reads: the library refuses the whole message, and with it the dump, for one
 * attribute of a length that it does not know, as a congestion control algorithm, or a next hop of another family
 * (RTA_VIA), whose length it has wrong. That next hop is given as a gateway.
 *
 * @throws {CommonError} NETLINK_UNREADABLE
 */
export function withoutUnknown(type: number, payload: Buffer): Buffer {
  const kind = byType.get(type);
  if (!kind || payload.length < kind.header) return payload;
  const isRoute = type === NEW_ROUTE || type === DELETE_ROUTE;
  const kept = attributesOf(payload.subarray(kind.header)).flatMap((found) => {
    if (kind.known.has(found.type)) return attribute(found.type, found.payload);
    return isRoute && found.type === RTA_VIA ? attribute(RTA_GATEWAY, found.payload.subarray(2)) : [];
  });
  return Buffer.concat([payload.subarray(0, kind.header), ...kept]);
}
