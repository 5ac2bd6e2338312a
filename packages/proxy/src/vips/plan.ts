import type { Condition } from "@sdn-tunnel/common/daemon/status";
import { routeKey } from "@sdn-tunnel/common/kernel/route";
import type { Route, RouteKey } from "@sdn-tunnel/common/kernel/route";
import type { Address, Family } from "@sdn-tunnel/common/net/address";
import { familyOf } from "@sdn-tunnel/common/net/address";
import { rangeOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { HostFacts } from "./host.ts";

export interface RouteInput {
  /** Service prefixes of remote clusters. */
  readonly prefixes: Iterable<Prefix>;
  /** The node's own address in the mesh, by family. */
  readonly own: ReadonlyMap<Family, Address>;
  readonly host: HostFacts;
  /** Addresses of the node itself. */
  readonly nodeIPs: readonly Address[];
  /** What the load balancer asks for; default unicast. */
  readonly vipRoutes?: "local" | "unicast";
}

export interface RoutePlan {
  readonly routes: ReadonlyMap<RouteKey, Route>;
  /** Why prefixes have no route; pods reach them all the same. */
  readonly conditions: readonly Condition[];
}

/**
 * Plans one route per service prefix. A local one in table local (an "AnyIP" route) makes every address of the prefix
 * the node's own, which is where IPVS looks for connections.
 *
 * Others stand in table main and are for clients on the node itself. The route's device is not used:
 * the OUTPUT hook, where the address is translated, lies behind routing; but without a route there is no packet.
 * `lo` would do for IPv4 only. `src` survives the translation, and the far end accepts no other source of this node.
 */
export function planRoutes({ prefixes, own, host, nodeIPs, vipRoutes }: RouteInput): RoutePlan {
  const routes = new Map<RouteKey, Route>();
  const conditions: Condition[] = [];
  for (const destination of prefixes) {
    const { family } = rangeOf(destination);
    const source = own.get(family);
    const device = deviceFor(family, host, nodeIPs);
    if (source === undefined) conditions.push(noAddress(destination, family));
    if (vipRoutes === "local") {
      const route: Route = { table: 255, type: "local", destination, device: "lo", source };
      routes.set(routeKey(route), route);
    } else if (source === undefined) continue;
    else if (device === undefined) conditions.push(noDevice(destination));
    else {
      const route: Route = { table: 254, type: "unicast", destination, device, source };
      routes.set(routeKey(route), route);
    }
  }
  return { routes, conditions };
}

/** Interface of the default route, else of the node IP; of the other family when this one has neither. */
function deviceFor(family: Family, { defaultDevices, addresses }: HostFacts, nodeIPs: readonly Address[]): string | undefined {
  const families: Family[] = family === 4 ? [4, 6] : [6, 4];
  const candidates = families.flatMap((f) => [
    defaultDevices.get(f),
    addresses.find(({ address }) => familyOf(address) === f && nodeIPs.includes(address))?.device,
  ]);
  return candidates.find((device) => device !== undefined);
}

const noAddress = (prefix: Prefix, family: Family): Condition => ({
  object: `prefix ${prefix}`,
  type: "NoAddress",
  message: `this node has no own IPv${family} address in the mesh, so its own processes do not reach ${prefix}; pods do. Give --address or --node-subnet`,
});

const noDevice = (prefix: Prefix): Condition => ({
  object: `prefix ${prefix}`,
  type: "NoDevice",
  message: `this node has neither a default route nor an interface with a node IP, so its own processes do not reach ${prefix}; pods do. Give --node-ip`,
});
