import assert from "node:assert/strict";
import { parseAddress } from "../net/address.ts";
import { parsePrefix } from "../net/prefix.ts";
import { routeKey, ruleKey } from "./route.ts";
import type { Route, RoutingOp, RoutingState, RoutingTable, Rule, Table } from "./route.ts";

/**
 * What the suite runs on: a node with the devices `up0` (up, 10.1.0.1/24 and fd01::1/64) and `down0`, and nothing
 * in table 5555.
 */
export interface RoutingSubject {
  readonly table: RoutingTable;
  setDevice(name: "up0" | "down0", state: "up" | "down"): Promise<void>;
}

export interface RoutingCase {
  readonly name: string;
  readonly run: (subject: RoutingSubject) => Promise<void>;
}

const route = (destination: string, source: string | undefined, changes: Partial<Route> = {}): Route => ({
  table: 5555,
  type: "unicast",
  destination: parsePrefix(destination),
  device: "up0",
  source: source === undefined ? undefined : parseAddress(source),
  ...changes,
});
const routes = [route("10.9.0.0/16", "10.1.0.1"), route("fd09::/48", "fd01::1"), route("10.9.4.0/24", undefined)];
const local = [
  route("10.96.0.0/16", "10.1.0.1", { table: 255, type: "local", device: "lo" }),
  route("fd96::/112", "fd01::1", { table: 255, type: "local", device: "lo" }),
];
const rules: Rule[] = [4, 6].map((family) => ({ family: family as 4 | 6, preference: 600, table: 5555 }));
const tables: Table[] = [5555, 254, 255];

const replace = (route: Route): RoutingOp => ({ kind: "replace-route", route });
const stateOf = (routes: readonly Route[], rules: readonly Rule[]): RoutingState => ({
  routes: new Map(routes.map((r) => [routeKey(r), r])),
  rules: new Map(rules.map((r) => [ruleKey(r), r])),
});

async function applied({ table }: RoutingSubject, ops: readonly RoutingOp[]): Promise<void> {
  assert.deepEqual(await table.apply(ops), { done: ops, failed: [] });
}
async function refused({ table }: RoutingSubject, op: RoutingOp, errno: string): Promise<void> {
  assert.deepEqual(await table.apply([op]), { done: [], failed: [{ op, errno }] });
}
async function holds({ table }: RoutingSubject, want: RoutingState): Promise<void> {
  assert.deepEqual(await table.list(tables), want); // Maps are compared without regard to order
}

/** Every adapter of `RoutingTable` behaves like this. */
export const routingContract: readonly RoutingCase[] = [
  { name: "starts empty", run: (subject) => holds(subject, stateOf([], [])) },
  {
    name: "reads back what was written, in both families",
    async run(subject) {
      const rulesAdded = rules.map((rule): RoutingOp => ({ kind: "add-rule", rule }));
      await applied(subject, [...[...routes, ...local].map(replace), ...rulesAdded]);
      await holds(subject, stateOf([...routes, ...local], rules));
      assert.deepEqual((await subject.table.list([255])).routes, stateOf(local, []).routes);
    },
  },
  {
    name: "replaces a route in place",
    async run(subject) {
      await applied(subject, [replace(route("10.9.0.0/16", undefined)), replace(route("10.9.0.0/16", "10.1.0.1"))]);
      await holds(subject, stateOf([route("10.9.0.0/16", "10.1.0.1")], []));
    },
  },
  {
    name: "deletes what it wrote",
    async run(subject) {
      const all = [...routes, ...local];
      await applied(subject, [...all.map(replace), ...rules.map((rule): RoutingOp => ({ kind: "add-rule", rule }))]);
      await applied(subject, rules.map((rule): RoutingOp => ({ kind: "delete-rule", rule })));
      await applied(subject, all.map((r): RoutingOp => ({ kind: "delete-route", route: r })));
      await holds(subject, stateOf([], []));
    },
  },
  {
    name: "names the errno of what is refused, and goes on",
    async run(subject) {
      const good = replace(routes[0] as Route);
      const bad = replace(route("10.9.0.0/16", undefined, { device: "absent0" }));
      assert.deepEqual(await subject.table.apply([bad, good]), { done: [good], failed: [{ op: bad, errno: "ENODEV" }] });
      await refused(subject, replace(route("10.9.0.0/16", "10.1.0.77")), "EINVAL");
      await refused(subject, replace(route("fd09::/48", "fd01::77")), "EINVAL");
      await refused(subject, replace(route("10.9.0.0/16", undefined, { device: "down0" })), "ENETDOWN");
    },
  },
  {
    name: "has reached what somebody else did before it",
    async run(subject) {
      await applied(subject, routes.map((r): RoutingOp => ({ kind: "delete-route", route: r })));
      await applied(subject, rules.map((rule): RoutingOp => ({ kind: "delete-rule", rule })));
      await holds(subject, stateOf([], []));
      for (const rule of rules) await applied(subject, [{ kind: "add-rule", rule }, { kind: "add-rule", rule }]);
      await holds(subject, stateOf([], rules));
    },
  },
  {
    name: "a device that goes down takes its routes with it",
    async run(subject) {
      await applied(subject, routes.map(replace));
      await subject.setDevice("up0", "down");
      await holds(subject, stateOf([], []));
    },
  },
];
