import { AF, destinationOf, tableOf } from "@sdn-tunnel/common/kernel/codec";
import { readHostAddresses } from "@sdn-tunnel/common/kernel/needs";
import type { RouteMessage, Rtnetlink } from "@sdn-tunnel/common/kernel/socket";
import type { Family } from "@sdn-tunnel/common/net/address";
import type { HostFacts, HostNetwork } from "./host.ts";

const MAIN = 254;

/** This node's network as rtnetlink(7) tells it. */
export class KernelHostNetwork implements HostNetwork {
  readonly #rtnetlink: Rtnetlink;

  constructor(rtnetlink: Rtnetlink) {
    this.#rtnetlink = rtnetlink;
  }

  async read(): Promise<HostFacts> {
    const links = await this.#rtnetlink.dump("link", 0);
    const names = new Map(links.map(({ data, attrs }) => [data.index, attrs.ifname]));
    const defaultDevices = new Map<Family, string>();
    for (const family of [4, 6] as const) {
      const device = names.get(defaultIndex(await this.#rtnetlink.dump("route", AF[family])));
      if (device !== undefined) defaultDevices.set(family, device);
    }
    return { addresses: await readHostAddresses(this.#rtnetlink), defaultDevices };
  }
}

/** Index of the device of the default route in table main; the lowest metric is the one that counts. */
function defaultIndex(routes: readonly RouteMessage[]): number | undefined {
  const [best] = routes
    .filter((route) => tableOf(route) === MAIN && route.data.type === "UNICAST" && destinationOf(route).endsWith("/0"))
    .toSorted((a, b) => (a.attrs.priority ?? 0) - (b.attrs.priority ?? 0));
  return best?.attrs.oif ?? firstLeg(best);
}

/** Device of the first leg of a multipath route: `rtnh_ifindex` of struct rtnexthop, rtnetlink(7). */
function firstLeg(route: RouteMessage | undefined): number | undefined {
  const legs = route?.attrs.multipath;
  return legs && legs.length >= 8 ? legs.readInt32LE(4) : undefined;
}
