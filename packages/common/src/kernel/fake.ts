import type { Address, Family } from "../net/address.ts";
import { rangeOf } from "../net/prefix.ts";
import { routeKey, ruleKey, showRoutingOp } from "./route.ts";
import type { Route, RouteKey, RoutingFailure, RoutingOp, RoutingState, RoutingTable, Rule, Table } from "./route.ts";

/** A routing table in memory, as strict as the kernel's. */
export class FakeRoutingTable implements RoutingTable {
  readonly #routes = new Map<RouteKey, Route>();
  readonly #rules = new Map<string, Rule>();
  readonly #devices: Map<string, "up" | "down">;
  readonly #addresses: ReadonlySet<Address>;
  /** Every operation that was applied, as a human would type it. */
  readonly log: string[] = [];

  /** @param addresses the node's own: what `src` may name */
  constructor(devices: Iterable<readonly [string, "up" | "down"]>, addresses: Iterable<Address>) {
    this.#devices = new Map(devices);
    this.#addresses = new Set(addresses);
  }

  async list(tables: readonly Table[]): Promise<RoutingState> {
    const inside = ([, { table }]: readonly [unknown, { readonly table: Table }]): boolean => tables.includes(table);
    return { routes: new Map([...this.#routes].filter(inside)), rules: new Map([...this.#rules].filter(inside)) };
  }

  async apply(ops: readonly RoutingOp[]): Promise<{ done: RoutingOp[]; failed: RoutingFailure[] }> {
    const done: RoutingOp[] = [];
    const failed: RoutingFailure[] = [];
    for (const op of ops) {
      const errno = this.#applyOne(op);
      if (errno !== undefined) failed.push({ op, errno });
      else done.push(op);
      if (errno === undefined) this.log.push(showRoutingOp(op));
    }
    return { done, failed };
  }

  /** A device that goes down, or away, takes its routes with it. */
  setDevice(name: string, state: "up" | "down" | "absent"): void {
    if (state === "absent") this.#devices.delete(name);
    else this.#devices.set(name, state);
    if (state === "up") return;
    for (const [key, { device, type }] of this.#routes)
      if (device === name && (type === "unicast" || state === "absent")) this.#routes.delete(key);
  }

  #applyOne(op: RoutingOp): string | undefined {
    switch (op.kind) {
      case "replace-route":
        return this.#replaceRoute(op.route);
      case "delete-route":
        return void this.#routes.delete(routeKey(op.route));
      case "add-rule":
        return void this.#rules.set(ruleKey(op.rule), op.rule);
      case "delete-rule":
        return void this.#rules.delete(ruleKey(op.rule));
    }
  }

  #replaceRoute(route: Route): string | undefined {
    const device = this.#devices.get(route.device);
    if (!device) return "ENODEV";
    if (device === "down") return "ENETDOWN";
    if (route.source !== undefined && !this.#ownsSource(route.source, rangeOf(route.destination).family)) return "EINVAL";
    this.#routes.set(routeKey(route), route);
    return undefined;
  }

  #ownsSource(source: Address, family: Family): boolean {
    return this.#addresses.has(source) && source.includes(":") === (family === 6);
  }
}
