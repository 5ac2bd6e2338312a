import type { Address, Family } from "../net/address.ts";
import type { Prefix } from "../net/prefix.ts";

/** Routing protocol number that marks every route and rule of ours (`proto 215`, rtnetlink(7)). */
export const PROTOCOL = 215;

/**
 * Metric of every route of ours. No other writer uses it, so replacing ours never replaces a stranger's route to
 * the same destination: the kernel tells routes of one table apart by destination and metric.
 */
export const METRIC = 215;

/** Tables that we write: the tunnel's own, and the kernel's main and local. */
export type Table = 5555 | 254 | 255;

/** A route of ours, as `ip route` would show it. */
export interface Route {
  readonly table: Table;
  readonly type: "unicast" | "local";
  readonly destination: Prefix;
  /** Name of the output device. */
  readonly device: string;
  /** Preferred source (`src`). */
  readonly source: Address | undefined;
}

/** A rule of ours: `ip rule add pref … lookup … proto 215`. */
export interface Rule {
  readonly family: Family;
  readonly preference: number;
  readonly table: Table;
}

/** Identity of a route: table and destination; one of ours per destination and table. */
export type RouteKey = string & { readonly __brand: "RouteKey" };

export const routeKey = ({ table, destination }: Pick<Route, "table" | "destination">): RouteKey =>
  `${table} ${destination}` as RouteKey;

/** Our routes by key, and our rules by `family preference table`. */
export interface RoutingState {
  readonly routes: ReadonlyMap<RouteKey, Route>;
  readonly rules: ReadonlyMap<string, Rule>;
}

export const ruleKey = ({ family, preference, table }: Rule): string => `${family} ${preference} ${table}`;

export type RoutingOp =
  | { readonly kind: "replace-route"; readonly route: Route }
  | { readonly kind: "delete-route"; readonly route: Route }
  | { readonly kind: "add-rule"; readonly rule: Rule }
  | { readonly kind: "delete-rule"; readonly rule: Rule };

/** An operation that the kernel refused. */
export interface RoutingFailure {
  readonly op: RoutingOp;
  /** `ENETDOWN`, `ENODEV`, …, or the message when there is no errno. */
  readonly errno: string;
}

/** Our routes and rules in the kernel of this node; others' are invisible. */
export interface RoutingTable {
  /** Reads every route and rule with our protocol number in the given tables, both families. */
  list(tables: readonly Table[]): Promise<RoutingState>;
  /**
   * Applies in order; a failed one is returned and does not stop the rest. Where somebody else was quicker, so that a
   * route is gone or a rule is there already, the operation has reached what it was for.
   */
  apply(ops: readonly RoutingOp[]): Promise<{ done: RoutingOp[]; failed: RoutingFailure[] }>;
}

/** The operation as a human would type it. */
export function showRoutingOp(op: RoutingOp): string {
  if (op.kind === "add-rule" || op.kind === "delete-rule") {
    const verb = op.kind === "add-rule" ? "add" : "del";
    const { family, preference, table } = op.rule;
    return `ip -${family} rule ${verb} pref ${preference} lookup ${table} proto ${PROTOCOL}`;
  }
  const { table, type, destination, device, source } = op.route;
  const verb = op.kind === "replace-route" ? "replace" : "del";
  const name = table === 254 ? "main" : table === 255 ? "local" : String(table);
  const kind = type === "local" ? "local " : "";
  const src = source === undefined ? "" : ` src ${source}`;
  return `ip route ${verb} ${kind}${destination} dev ${device} table ${name} proto ${PROTOCOL} metric ${METRIC}${src}`;
}
