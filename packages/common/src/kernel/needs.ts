import type { NodeNeeds } from "../admit/lifeline.ts";
import { readResolvConf } from "../daemon/resolv-conf.ts";
import { numberOf } from "../net/address.ts";
import type { Address } from "../net/address.ts";
import { overlaps } from "../net/overlap.ts";
import { parsePrefix } from "../net/prefix.ts";
import type { Prefix } from "../net/prefix.ts";
import { AF, destinationOf, nextHopsOf, tableOf } from "./codec.ts";
import { PROTOCOL } from "./route.ts";
import type { RouteMessage, Rtnetlink } from "./socket.ts";

/**
 * Reads what this node needs to stay reachable: every route that is not ours in every table, their next hops, the
 * node's own addresses, and the resolvers of resolv.conf(5).
 */
export async function readNodeNeeds(rtnetlink: Rtnetlink, resolvConf = "/etc/resolv.conf"): Promise<NodeNeeds> {
  const links = await rtnetlink.dump("link", 0);
  const names = new Map(links.map(({ data, attrs }) => [data.index, attrs.ifname]));
  const routes = [...(await rtnetlink.dump("route", AF[4])), ...(await rtnetlink.dump("route", AF[6]))];
  return collectNeeds(routes, (index) => names.get(index) ?? `if${index}`, await readResolvConf(resolvConf));
}

/** An address of this node, and the device that has it. */
export interface HostAddress {
  readonly address: Address;
  readonly device: string;
}

/** Every address of this node, loopback and link-local ones left out, in address order. */
export async function readHostAddresses(rtnetlink: Rtnetlink): Promise<HostAddress[]> {
  const links = await rtnetlink.dump("link", 0);
  const names = new Map(links.map(({ data, attrs }) => [data.index, attrs.ifname]));
  const routes = [...(await rtnetlink.dump("route", AF[4])), ...(await rtnetlink.dump("route", AF[6]))];
  return routes
    .flatMap((route) => {
      const address = hostAddressOf(route);
      const device = names.get(route.attrs.oif ?? 0);
      return address === undefined || device === undefined ? [] : [{ address, device }];
    })
    .toSorted((a, b) => (numberOf(a.address) < numberOf(b.address) ? -1 : 1));
}

/** Devices through which a router announced itself (RFC 4861): they have routes of protocol `ra` (rtnetlink(7)). */
export async function readAdvertisedDevices(rtnetlink: Rtnetlink): Promise<string[]> {
  const links = await rtnetlink.dump("link", 0);
  const names = new Map(links.map(({ data, attrs }) => [data.index, attrs.ifname]));
  const routes = (await rtnetlink.dump("route", AF[6])).filter(({ data }) => data.protocol === "RA" || (data.protocol as unknown) === RA);
  return [...new Set(routes.flatMap(({ attrs }) => names.get(attrs.oif ?? 0) ?? []))].toSorted();
}

/** RTPROT_RA. */
const RA = 9;

/** The kernel keeps a `local` route for each address of the node (ip-route(8)). */
function hostAddressOf(route: RouteMessage): Address | undefined {
  const destination = destinationOf(route);
  const [network, length] = destination.split("/") as [Address, string];
  const single = length === (network.includes(":") ? "128" : "32");
  return route.data.type === "LOCAL" && single && matters(route, destination) ? network : undefined;
}

/** The node's needs from its routes, as dumped, and its resolvers. */
function collectNeeds(
  routes: readonly RouteMessage[],
  deviceName: (index: number) => string,
  resolvers: readonly Address[],
): NodeNeeds {
  const prefixes = new Map<Prefix, string>();
  const addresses = new Map<Address, string>();
  for (const route of routes) {
    const destination = destinationOf(route);
    if (!matters(route, destination)) continue;
    const device = route.attrs.oif === undefined ? "several devices" : deviceName(route.attrs.oif);
    const table = tableOf(route);
    const own = hostAddressOf(route);
    if (own !== undefined) addresses.set(own, `own address on ${device}`);
    else prefixes.set(destination, `route on ${device}, table ${table}`);
    for (const hop of nextHopsOf(route)) addresses.set(hop, `next hop of ${destination}`);
  }
  for (const resolver of resolvers) if (!addresses.has(resolver)) addresses.set(resolver, "resolver");
  return {
    prefixes: [...prefixes].map(([prefix, what]) => ({ prefix, what })),
    addresses: [...addresses].map(([address, what]) => ({ address, what })),
  };
}

const needed = new Set(["UNICAST", "LOCAL", "BLACKHOLE", "UNREACHABLE", "PROHIBIT"]);
const everywhere = ["fe80::/10", "ff00::/8", "127.0.0.0/8", "::1/128"].map(parsePrefix);

/** Ours do not count; nor does what exists on every node alike: broadcast, multicast, link-local, loopback. */
function matters({ data }: RouteMessage, destination: Prefix): boolean {
  if ((data.protocol as unknown) === PROTOCOL || !needed.has(data.type as string)) return false;
  return destination.endsWith("/0") || !everywhere.some((common) => overlaps(common, destination));
}
