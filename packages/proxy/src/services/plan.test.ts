import assert from "node:assert/strict";
import type { ServiceView } from "@sdn-tunnel/common/admit/view";
import fc from "fast-check";
import { describe, it } from "vitest";
import { endpointOf, serviceOf } from "../bed/fixtures.ts";
import { planServers } from "./plan.ts";
import type { IsDown } from "./select.ts";

const nobodyDown: IsDown = () => false;
const down = (...nodes: string[]): IsDown => (node) => nodes.includes(node);

/** `tcp/172.31.0.7:8080 -> 10.20.0.1:8080, 10.20.0.2:8080`, one line per server. */
const show = (service: ServiceView, isDown: IsDown): string[] =>
  [...planServers(service, isDown)].map(
    ([key, { targets, affinitySeconds }]) => `${key} -> ${targets.join(", ")}${affinitySeconds ? ` for ${affinitySeconds} s` : ""}`,
  );

const [one, two, six] = [endpointOf("10.20.0.1"), endpointOf("10.20.0.2", { node: "node-2" }), endpointOf("fd00:20::1")];
const leaving = { ready: false, serving: true, terminating: true };
const dns = [
  { name: "dns", protocol: "UDP", port: 53 },
  { name: "dns-tcp", protocol: "TCP", port: 53 },
] as const;

const cases: { name: string; service: ServiceView; isDown?: IsDown; want: string[] }[] = [
  { name: "balances over ready endpoints", service: serviceOf({ endpoints: [two, one] }), want: ["tcp/172.31.0.7:8080 -> 10.20.0.1:8080, 10.20.0.2:8080"] },
  { name: "keeps a server without endpoints", service: serviceOf(), want: ["tcp/172.31.0.7:8080 -> "] },
  {
    name: "gives each address the endpoints of its family",
    service: serviceOf({ vips: ["172.31.0.7", "fd00:31::7"], endpoints: [one, six] }),
    want: ["tcp/172.31.0.7:8080 -> 10.20.0.1:8080", "tcp/[fd00:31::7]:8080 -> [fd00:20::1]:8080"],
  },
  {
    name: "leaves out what is neither ready nor serving, or terminates while others are ready",
    service: serviceOf({ endpoints: [one, { ...two, ready: false, serving: false }, endpointOf("10.20.0.3", { ...leaving, ready: true })] }),
    want: ["tcp/172.31.0.7:8080 -> 10.20.0.1:8080"],
  },
  {
    name: "falls back to those that serve while they terminate",
    service: serviceOf({ endpoints: [endpointOf("10.20.0.3", leaving), endpointOf("10.20.0.4", { ...leaving, serving: false }), { ...one, ready: false }] }),
    want: ["tcp/172.31.0.7:8080 -> 10.20.0.3:8080"],
  },
  { name: "passes over a node that is down", service: serviceOf({ endpoints: [one, two] }), isDown: down("west/node-1"), want: ["tcp/172.31.0.7:8080 -> 10.20.0.2:8080"] },
  { name: "has no targets when all nodes are down", service: serviceOf({ endpoints: [one, two] }), isDown: down("west/node-1", "west/node-2"), want: ["tcp/172.31.0.7:8080 -> "] },
  { name: "does not mix up nodes of another cluster", service: serviceOf({ endpoints: [one] }), isDown: down("south/node-1"), want: ["tcp/172.31.0.7:8080 -> 10.20.0.1:8080"] },
  { name: "takes an endpoint that is on no known node", service: serviceOf({ endpoints: [{ ...one, node: undefined }] }), isDown: () => true, want: ["tcp/172.31.0.7:8080 -> 10.20.0.1:8080"] },
  {
    name: "falls back to terminating ones when the ready ones are on a dead node",
    service: serviceOf({ endpoints: [one, endpointOf("10.20.0.3", { ...leaving, node: "node-2" })] }),
    isDown: down("west/node-1"),
    want: ["tcp/172.31.0.7:8080 -> 10.20.0.3:8080"],
  },
  {
    name: "matches ports by name and protocol",
    service: serviceOf({ ports: [...dns], endpoints: [endpointOf("10.20.0.1", { ports: [{ name: "dns", protocol: "UDP", port: 5353 }, { name: "dns-tcp", protocol: "UDP", port: 5353 }] })] }),
    want: ["udp/172.31.0.7:53 -> 10.20.0.1:5353", "tcp/172.31.0.7:53 -> "],
  },
  {
    name: "lets pods number a named port as they like",
    service: serviceOf({ endpoints: [one, endpointOf("10.20.0.2", { ports: [{ name: "http", protocol: "TCP", port: 9090 }] })] }),
    want: ["tcp/172.31.0.7:8080 -> 10.20.0.1:8080, 10.20.0.2:9090"],
  },
  { name: "counts an endpoint in two slices once", service: serviceOf({ endpoints: [one, one] }), want: ["tcp/172.31.0.7:8080 -> 10.20.0.1:8080"] },
  { name: "balances SCTP", service: serviceOf({ ports: [{ name: "http", protocol: "SCTP", port: 99 }] }), want: ["sctp/172.31.0.7:99 -> "] },
  { name: "hands affinity on", service: serviceOf({ affinitySeconds: 10_800, endpoints: [one] }), want: ["tcp/172.31.0.7:8080 -> 10.20.0.1:8080 for 10800 s"] },
];

describe("planServers()", () => {
  for (const { name, service, isDown = nobodyDown, want } of cases) it(name, () => assert.deepEqual(show(service, isDown), want));

  it("does not depend on the order of endpoints", () => {
    const endpoints = fc.uniqueArray(fc.record({ n: fc.integer({ min: 1, max: 250 }), ready: fc.boolean(), terminating: fc.boolean() }), { selector: ({ n }) => n });
    fc.assert(
      fc.property(endpoints, fc.infiniteStream(fc.nat()), (list, random) => {
        const views = list.map(({ n, ready, terminating }) => endpointOf(`10.20.0.${n}`, { ready, terminating, node: `node-${n % 3}` }));
        const shuffled = views.map((view) => [random.next().value, view] as const).toSorted(([a], [b]) => a - b).map(([, view]) => view);
        assert.deepEqual(show(serviceOf({ endpoints: views }), down("west/node-1")), show(serviceOf({ endpoints: shuffled }), down("west/node-1")));
      }),
    );
  });
});
