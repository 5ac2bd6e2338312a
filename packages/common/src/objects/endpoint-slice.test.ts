import { describe, expect, it } from "vitest";
import { complaints } from "../../testing/problems.ts";
import { endpointSliceSchema } from "./endpoint-slice.ts";

const manifest = (rest: object) => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { name: "httpd-x7k2p", namespace: "test", labels: { "kubernetes.io/service-name": "httpd" } },
  addressType: "IPv4",
  ...rest,
});

const parse = (rest: object) => endpointSliceSchema.parse(manifest(rest));

const plain = { addresses: ["10.132.2.7"], ready: true, serving: true, terminating: false, hostname: undefined, nodeName: undefined, podName: undefined };

const endpoints = [
  { name: "an endpoint without conditions", endpoint: {}, want: {} },
  { name: "null conditions, which mean ready", endpoint: { conditions: null }, want: {} },
  { name: "conditions that are all null", endpoint: { conditions: { ready: null, serving: null, terminating: null } }, want: {} },
  { name: "an endpoint that is not ready", endpoint: { conditions: { ready: false } }, want: { ready: false } },
  {
    name: "a terminating endpoint that still serves",
    endpoint: { conditions: { ready: false, serving: true, terminating: true } },
    want: { ready: false, terminating: true },
  },
  {
    name: "a pod of a StatefulSet",
    endpoint: { hostname: "db-0", nodeName: "node-1", targetRef: { kind: "Pod", name: "db-0", uid: "5d7e" }, zone: "z" },
    want: { hostname: "db-0", nodeName: "node-1", podName: "db-0" },
  },
  { name: "a target that is no pod", endpoint: { targetRef: { kind: "Node", name: "node-1" } }, want: {} },
  { name: "null names", endpoint: { hostname: null, nodeName: null, targetRef: null }, want: {} },
];

describe("endpointSliceSchema strips", () => {
  for (const { name, endpoint, want } of endpoints)
    it(name, () => expect(parse({ endpoints: [{ addresses: ["10.132.2.7"], ...endpoint }] }).endpoints).toEqual([{ ...plain, ...want }]));

  it("a slice to its Service, family and ports", () => {
    expect(parse({ addressType: "IPv6", ports: [{ name: "http", port: 8080, appProtocol: "h2c" }] })).toEqual({
      kind: "EndpointSlice",
      namespace: "test",
      name: "httpd-x7k2p",
      service: "httpd",
      family: 6,
      endpoints: [],
      ports: [{ name: "http", protocol: "TCP", port: 8080 }],
    });
  });

  it("null lists to empty ones", () => expect(parse({ endpoints: null, ports: null })).toMatchObject({ endpoints: [], ports: [] }));

  it("ports without a number to nothing: no Service asks for all ports", () => {
    const ports = [{ name: null, protocol: null, port: null }, { name: null, protocol: "UDP", port: 53 }];
    expect(parse({ ports }).ports).toEqual([{ name: "", protocol: "UDP", port: 53 }]);
  });

  it("a slice of no Service to one without it", () =>
    expect(parse({ metadata: { name: "x", namespace: "test", labels: null } }).service).toBeUndefined());
});

const refused = [
  { name: "names instead of addresses", rest: { addressType: "FQDN" }, path: "addressType" },
  { name: "an endpoint without an address", rest: { endpoints: [{ addresses: [] }] }, path: "endpoints[0].addresses" },
  { name: "an address that is none", rest: { endpoints: [{ addresses: ["10.132.2"] }] }, path: "endpoints[0].addresses[0]" },
  { name: "a condition that is no truth value", rest: { endpoints: [{ addresses: ["::1"], conditions: { ready: "yes" } }] }, path: "endpoints[0].conditions.ready" },
  { name: "more endpoints than the API allows", rest: { endpoints: Array(1001).fill({ addresses: ["::1"] }) }, path: "endpoints" },
];

describe("endpointSliceSchema refuses", () => {
  for (const { name, rest, path } of refused)
    it(name, () => expect(complaints(endpointSliceSchema, manifest(rest)).map((line) => line.split(": ")[0])).toEqual([path]));
});
