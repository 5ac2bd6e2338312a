import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { parseAddress } from "../net/address.ts";
import { parsePrefix } from "../net/prefix.ts";
import { diffRouting } from "./diff.ts";
import { FakeRoutingTable } from "./fake.ts";
import { routeKey, ruleKey, showRoutingOp } from "./route.ts";
import type { Route, RoutingState, Rule } from "./route.ts";

const route = (destination: string, source?: string): Route => ({
  table: 5555,
  type: "unicast",
  destination: parsePrefix(destination),
  device: "sdn-wg-a",
  source: source === undefined ? undefined : parseAddress(source),
});
const rule = (family: 4 | 6): Rule => ({ family, preference: 600, table: 5555 });
const state = (routes: readonly Route[], rules: readonly Rule[]): RoutingState => ({
  routes: new Map(routes.map((r) => [routeKey(r), r])),
  rules: new Map(rules.map((r) => [ruleKey(r), r])),
});
const [a, b, six] = [route("10.1.0.0/24", "10.0.0.1"), route("10.2.0.0/24"), route("fd01::/48", "fd00::1")];
const empty = state([], []);

const cases: { name: string; from: RoutingState; to: RoutingState; want: string[] }[] = [
  { name: "does nothing when converged", from: state([a, six], [rule(4)]), to: state([a, six], [rule(4)]), want: [] },
  {
    name: "adds routes before the rule that leads to them",
    from: empty,
    to: state([a, six], [rule(4), rule(6)]),
    want: [
      "ip route replace 10.1.0.0/24 dev sdn-wg-a table 5555 proto 215 metric 215 src 10.0.0.1",
      "ip route replace fd01::/48 dev sdn-wg-a table 5555 proto 215 metric 215 src fd00::1",
      "ip -4 rule add pref 600 lookup 5555 proto 215",
      "ip -6 rule add pref 600 lookup 5555 proto 215",
    ],
  },
  {
    name: "deletes the rule before the routes behind it",
    from: state([a], [rule(4)]),
    to: empty,
    want: [
      "ip -4 rule del pref 600 lookup 5555 proto 215",
      "ip route del 10.1.0.0/24 dev sdn-wg-a table 5555 proto 215 metric 215 src 10.0.0.1",
    ],
  },
  {
    name: "replaces what differs in its source",
    from: state([route("10.1.0.0/24"), b], []),
    to: state([a, b], []),
    want: ["ip route replace 10.1.0.0/24 dev sdn-wg-a table 5555 proto 215 metric 215 src 10.0.0.1"],
  },
];

describe("diffRouting", () => {
  for (const { name, from, to, want } of cases)
    it(name, () => assert.deepEqual(diffRouting(from, to).map(showRoutingOp), want));

  const anyRoute = fc
    .record({ i: fc.nat(7), six: fc.boolean(), withSource: fc.boolean() })
    .map(({ i, six, withSource }) =>
      six ? route(`fd0${i}::/48`, withSource ? "fd00::1" : undefined) : route(`10.${i}.0.0/24`, withSource ? "10.0.0.1" : undefined),
    );
  const anyState = fc
    .tuple(fc.array(anyRoute), fc.subarray([rule(4), rule(6)]))
    .map(([routes, rules]) => state(routes, rules));

  it("leads from every state to every other, on a table as strict as the kernel's", () =>
    fc.assert(
      fc.asyncProperty(anyState, anyState, async (from, to) => {
        const table = new FakeRoutingTable([["sdn-wg-a", "up"]], ["10.0.0.1", "fd00::1"].map(parseAddress));
        await table.apply(diffRouting(empty, from));
        const { failed } = await table.apply(diffRouting(from, to));
        assert.deepEqual(failed, []);
        const reached = await table.list([5555]);
        assert.deepEqual(reached, to);
        assert.deepEqual(diffRouting(reached, to), []);
      }),
    ));
});
