import { describe, expect, it } from "vitest";
import { complaints } from "../../testing/problems.ts";
import { serviceSchema } from "./service.ts";

const manifest = (spec: object, metadata: object = {}) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "httpd", namespace: "test", ...metadata },
  spec,
});

const stripped = {
  kind: "Service",
  namespace: "test",
  name: "httpd",
  labels: {},
  annotations: {},
  type: "ClusterIP",
  headless: false,
  clusterIPs: [],
  externalName: undefined,
  ports: [],
  affinitySeconds: undefined,
  foreignProxy: false,
};

const port = { name: "http", protocol: "TCP", port: 8080 };

const cases = [
  {
    name: "a dual-stack Service as the API server shows it",
    spec: {
      type: "ClusterIP",
      clusterIP: "10.96.3.7",
      clusterIPs: ["10.96.3.7", "FD00:96::7"],
      ipFamilies: ["IPv4", "IPv6"],
      internalTrafficPolicy: "Cluster",
      sessionAffinity: "None",
      selector: { app: "httpd" },
      ports: [{ ...port, targetPort: "web", nodePort: 0 }],
    },
    want: { clusterIPs: ["10.96.3.7", "fd00:96::7"], ports: [port] },
  },
  { name: "a single clusterIP", spec: { clusterIP: "10.96.3.7" }, want: { clusterIPs: ["10.96.3.7"] } },
  { name: "an empty clusterIPs beside clusterIP", spec: { clusterIP: "10.96.3.7", clusterIPs: [] }, want: { clusterIPs: ["10.96.3.7"] } },
  { name: "a Service that has no address yet", spec: { clusterIP: "" }, want: {} },
  { name: "a headless Service", spec: { clusterIP: "None", clusterIPs: ["None"], ports: [port] }, want: { headless: true, ports: [port] } },
  {
    name: "an ExternalName, which has no addresses whatever it says",
    spec: { type: "ExternalName", externalName: "db.example.com", clusterIP: "10.96.3.7" },
    want: { type: "ExternalName", externalName: "db.example.com" },
  },
  { name: "an externalName of another type, which is none", spec: { externalName: "db.example.com" }, want: {} },
  { name: "a type of a later version", spec: { type: "Mesh", clusterIP: "10.96.3.7" }, want: { clusterIPs: ["10.96.3.7"] } },
  { name: "a LoadBalancer", spec: { type: "LoadBalancer", clusterIP: "10.96.3.7" }, want: { type: "LoadBalancer", clusterIPs: ["10.96.3.7"] } },
  { name: "a port without name and protocol", spec: { ports: [{ port: 53 }] }, want: { ports: [{ name: "", protocol: "TCP", port: 53 }] } },
  { name: "ClientIP affinity with its default of three hours", spec: { sessionAffinity: "ClientIP" }, want: { affinitySeconds: 10_800 } },
  {
    name: "ClientIP affinity with a time",
    spec: { sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } },
    want: { affinitySeconds: 60 },
  },
  {
    name: "null wherever a field may be absent",
    spec: { type: null, clusterIP: null, clusterIPs: null, externalName: null, ports: null, sessionAffinity: null, sessionAffinityConfig: null },
    want: {},
  },
];

describe("serviceSchema strips", () => {
  for (const { name, spec, want } of cases) it(name, () => expect(serviceSchema.parse(manifest(spec))).toEqual({ ...stripped, ...want }));

  it("metadata to labels and our own annotations", () => {
    const metadata = {
      labels: { app: "httpd" },
      annotations: { "sdn-tunnel.io/weight": "3", "kubectl.kubernetes.io/last-applied-configuration": "{}" },
      managedFields: [],
    };
    expect(serviceSchema.parse(manifest({}, metadata))).toEqual({
      ...stripped,
      labels: { app: "httpd" },
      annotations: { "sdn-tunnel.io/weight": "3" },
    });
  });

  it("a missing namespace to `default`, and null labels to none", () => {
    const metadata = { namespace: null, labels: null, annotations: null };
    expect(serviceSchema.parse(manifest({}, metadata))).toEqual({ ...stripped, namespace: "default" });
  });
});

const refused = [
  { name: "an address that is none", spec: { clusterIP: "10.96.3" }, path: "spec.clusterIPs" },
  { name: "three addresses", spec: { clusterIPs: ["10.0.0.1", "10.0.0.2", "10.0.0.3"] }, path: "spec.clusterIPs" },
  { name: "port 0", spec: { ports: [{ port: 0 }] }, path: "spec.ports[0].port" },
  { name: "an unknown protocol", spec: { ports: [{ port: 1, protocol: "DCCP" }] }, path: "spec.ports[0].protocol" },
  { name: "no spec", spec: undefined, path: "spec" },
];

describe("serviceSchema refuses", () => {
  for (const { name, spec, path } of refused)
    it(name, () => expect(complaints(serviceSchema, manifest(spec as object)).map((line) => line.split(": ")[0])).toEqual([path]));
});

describe("serviceSchema foreignProxy", () => {
  for (const { labels, want } of [
    { labels: {}, want: false },
    { labels: { "service.kubernetes.io/service-proxy-name": "other" }, want: true },
    { labels: { "service.kubernetes.io/headless": "" }, want: true },
  ])
    it(`is ${want} with the labels ${JSON.stringify(labels)}`, () => {
      const service = { metadata: { name: "httpd", namespace: "ns", labels }, spec: { clusterIP: "10.96.3.7" } };
      expect(serviceSchema.parse(service).foreignProxy).toBe(want);
    });
});
