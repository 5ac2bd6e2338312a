import { CommonError, messageOf } from "../errors.ts";
import { AF, decodeRoute, decodeRule, encodeRoute, encodeRouteDeletion, encodeRule } from "./codec.ts";
import { refusalOf } from "./door.ts";
import { KernelLinks } from "./links.ts";
import { routeKey, ruleKey, showRoutingOp } from "./route.ts";
import type { Route, RouteKey, RoutingFailure, RoutingOp, RoutingState, RoutingTable, Rule, Table } from "./route.ts";
import type { Rtnetlink } from "./socket.ts";

/** NLM_F_* of netlink(7) for a NEW message. */
const [REPLACE, EXCLUSIVE, CREATE] = [0x100, 0x200, 0x400];

/** Somebody else was quicker: what was to be deleted is not there, and the rule that was to be added is. */
const reached: Readonly<Record<RoutingOp["kind"], readonly string[]>> = {
  "replace-route": [],
  "delete-route": ["ESRCH"],
  "add-rule": ["EEXIST"],
  "delete-rule": ["ENOENT"],
};
/** A kernel that does not answer is not asked ten thousand times. */
const SILENT = "ETIMEDOUT";

/** Our routes and rules by rtnetlink: those with protocol 215, both families. */
export class KernelRoutingTable implements RoutingTable {
  readonly #rtnetlink: Rtnetlink;
  readonly #links: KernelLinks;

  constructor(rtnetlink: Rtnetlink) {
    this.#rtnetlink = rtnetlink;
    this.#links = new KernelLinks(rtnetlink);
  }

  async list(tables: readonly Table[]): Promise<RoutingState> {
    const names = new Map((await this.#links.list()).map(({ index, name }) => [index, name]));
    const routes = new Map<RouteKey, Route>();
    const rules = new Map<string, Rule>();
    for (const family of [AF[4], AF[6]]) {
      for (const message of await this.#rtnetlink.dump("route", family)) {
        const route = decodeRoute(message, (index) => names.get(index));
        if (route && tables.includes(route.table)) routes.set(routeKey(route), route);
      }
      for (const message of await this.#rtnetlink.dump("rule", family)) {
        const rule = decodeRule(message);
        if (rule && tables.includes(rule.table)) rules.set(ruleKey(rule), rule);
      }
    }
    return { routes, rules };
  }

  async apply(ops: readonly RoutingOp[]): Promise<{ done: RoutingOp[]; failed: RoutingFailure[] }> {
    const done: RoutingOp[] = [];
    const failed: RoutingFailure[] = [];
    const indexes = new Map<string, number>();
    let silent = false;
    for (const op of ops) {
      const errno: string | undefined = silent ? SILENT : await this.#applyOne(op, indexes).then(() => undefined, errnoOf);
      silent ||= errno === SILENT;
      if (errno === undefined || reached[op.kind].includes(errno)) done.push(op);
      else failed.push({ op, errno });
    }
    return { done, failed };
  }

  async #applyOne(op: RoutingOp, indexes: Map<string, number>): Promise<void> {
    const operation = showRoutingOp(op);
    switch (op.kind) {
      case "replace-route": {
        const index = await this.#indexOf(op.route.device, indexes, operation);
        return void (await this.#rtnetlink.request("NEW", encodeRoute(op.route, index), operation, CREATE | REPLACE));
      }
      case "delete-route":
        return void (await this.#rtnetlink.request("DEL", encodeRouteDeletion(op.route), operation));
      case "add-rule":
        return void (await this.#rtnetlink.request("NEW", encodeRule(op.rule), operation, CREATE | EXCLUSIVE));
      case "delete-rule":
        return void (await this.#rtnetlink.request("DEL", encodeRule(op.rule), operation));
    }
  }

  async #indexOf(device: string, indexes: Map<string, number>, operation: string): Promise<number> {
    const index = indexes.get(device) ?? (await this.#links.find(device))?.index;
    if (index === undefined) throw new CommonError({ code: "NETLINK_REFUSED", operation, errno: "ENODEV" });
    indexes.set(device, index);
    return index;
  }
}

const errnoOf = (error: unknown): string => refusalOf(error) ?? messageOf(error);
