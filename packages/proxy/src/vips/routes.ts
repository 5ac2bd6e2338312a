import type { Condition } from "@sdn-tunnel/common/daemon/status";
import { diffRouting } from "@sdn-tunnel/common/kernel/diff";
import type { Route, RouteKey, RoutingFailure, RoutingOp, RoutingTable } from "@sdn-tunnel/common/kernel/route";
import type { Address } from "@sdn-tunnel/common/net/address";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { Restraint } from "../services/restrain.ts";
import { planRoutes } from "./plan.ts";
import type { RouteInput } from "./plan.ts";

/** Tables in which routes with our protocol number are the proxy's: main and local. */
const TABLES = [254, 255] as const;

/** What has to be done about routes of service prefixes. */
export interface RouteChanges {
  readonly adds: readonly RoutingOp[];
  readonly deletes: readonly RoutingOp[];
  readonly conditions: readonly Condition[];
}

/** One pass over the routes of service prefixes, always against the kernel: there are few, and a link takes them along when it goes. */
export async function diffRoutes(table: RoutingTable, input: RouteInput, { frozen, removable }: Restraint): Promise<RouteChanges> {
  const observed = await table.list(TABLES);
  const { routes, conditions } = planRoutes(input);
  const desired = new Map<RouteKey, Route>([...routes].filter(([, route]) => !frozen(networkOf(route))));
  for (const [key, route] of observed.routes) {
    const address = networkOf(route);
    if (frozen(address) || (!desired.has(key) && !removable(address))) desired.set(key, route);
  }
  const ops = diffRouting(observed, { routes: desired, rules: observed.rules });
  return { adds: ops.filter(({ kind }) => kind !== "delete-route"), deletes: ops.filter(({ kind }) => kind === "delete-route"), conditions };
}

/** Prefixes with an AnyIP route of ours: virtual services inside are ours. */
export async function anyIpPrefixes(table: RoutingTable): Promise<Prefix[]> {
  const { routes } = await table.list([255]);
  return [...routes.values()].filter(({ type }) => type === "local").map(({ destination }) => destination);
}

/** Removes every route of ours; there is nothing else of ours in these tables. */
export async function removeRoutes(table: RoutingTable): Promise<readonly RoutingFailure[]> {
  const { routes } = await table.list(TABLES);
  const { failed } = await table.apply([...routes.values()].map((route) => ({ kind: "delete-route", route })));
  return failed;
}

const networkOf = ({ destination }: Route): Address => destination.slice(0, destination.indexOf("/")) as Address;
