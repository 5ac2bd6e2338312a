import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { explainService } from "./explain.ts";
import { endpointOf, serviceOf } from "../bed/fixtures.ts";

const isDown = (node: string): boolean => node === "west/node-2";
const cases = [
  { name: "says where connections go", service: serviceOf({ endpoints: [endpointOf("10.20.0.1")] }), want: ["west/ns/svc tcp/172.31.0.7:8080 -> 10.20.0.1:8080"] },
  {
    name: "says who is left out, and why",
    service: serviceOf({
      endpoints: [
        endpointOf("10.20.0.1"),
        endpointOf("10.20.0.2", { node: "node-2" }),
        endpointOf("10.20.0.3", { ready: false }),
        endpointOf("10.20.0.4", { terminating: true }),
      ],
    }),
    want: [
      "west/ns/svc tcp/172.31.0.7:8080 -> 10.20.0.1:8080 (3 of 4 endpoints left out: 10.20.0.2 is on node-2, which is down; " +
        "10.20.0.3 is not ready; 10.20.0.4 terminates, and serves only while no other is ready)",
    ],
  },
  {
    name: "says that connections are refused",
    service: serviceOf({ vips: ["172.31.0.7", "fd00:31::7"], endpoints: [] }),
    want: [
      "west/ns/svc tcp/172.31.0.7:8080 -> refused, no endpoint can take connections",
      "west/ns/svc tcp/[fd00:31::7]:8080 -> refused, no endpoint can take connections",
    ],
  },
  {
    name: "shortens a long list, and tells of affinity",
    service: serviceOf({ affinitySeconds: 60, endpoints: Array.from({ length: 12 }, (_, i) => endpointOf(`10.20.0.${i + 10}`)) }),
    want: [
      `west/ns/svc tcp/172.31.0.7:8080 -> ${Array.from({ length: 10 }, (_, i) => `10.20.0.${i + 10}:8080`).join(", ")} and 2 more, each client for 60 s`,
    ],
  },
];

describe("explainService()", () => {
  for (const { name, service, want } of cases) it(name, () => assert.deepEqual(explainService(service, isDown), want));
});
