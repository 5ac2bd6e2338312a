import type { Route, RoutingOp, RoutingState } from "./route.ts";

/**
 * Lists the changes that turn `observed` into `desired`.
 *
 * Routes are added before the rules that lead to their table, and rules are deleted before the routes behind them,
 * so that no rule ever leads into a half-filled table. Adds come before deletes: a destination wanted on both
 * sides is never without a route.
 *
 * @param observed read from the kernel in a full pass, the acknowledged shadow of the keys concerned in an event pass
 * @returns operations in apply order; empty when converged
 */
export function diffRouting(observed: RoutingState, desired: RoutingState): RoutingOp[] {
  const ops: RoutingOp[] = [];
  for (const [key, route] of desired.routes)
    if (!sameRoute(observed.routes.get(key), route)) ops.push({ kind: "replace-route", route });
  for (const [key, rule] of desired.rules) if (!observed.rules.has(key)) ops.push({ kind: "add-rule", rule });
  for (const [key, rule] of observed.rules) if (!desired.rules.has(key)) ops.push({ kind: "delete-rule", rule });
  for (const [key, route] of observed.routes) if (!desired.routes.has(key)) ops.push({ kind: "delete-route", route });
  return ops;
}

function sameRoute(a: Route | undefined, b: Route): boolean {
  return a !== undefined && a.type === b.type && a.device === b.device && a.source === b.source;
}
