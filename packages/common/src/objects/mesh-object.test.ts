import { describe, expect, it } from "vitest";
import { objectKey, schemas } from "./mesh-object.ts";

const cases = [
  {
    name: "a Node to its pod prefixes and internal addresses",
    manifest: {
      kind: "Node",
      metadata: { name: "node-1", labels: { zone: "z" } },
      spec: { podCIDR: "10.4.1.0/24", podCIDRs: ["10.4.1.0/24", "fd00:4:1::/64"], providerID: "x" },
      status: {
        addresses: [
          { type: "InternalIP", address: "192.0.2.21" },
          { type: "InternalIP", address: "2001:DB8::21" },
          { type: "ExternalIP", address: "203.0.113.1" },
          { type: "Hostname", address: "node-1" },
          { type: "InternalIP", address: "not an address" },
        ],
      },
    },
    want: { kind: "Node", name: "node-1", podCIDRs: ["10.4.1.0/24", "fd00:4:1::/64"], internalIPs: ["192.0.2.21", "2001:db8::21"] },
  },
  {
    name: "a Node with the older podCIDR only",
    manifest: { kind: "Node", metadata: { name: "node-1" }, spec: { podCIDR: "10.4.1.0/24" } },
    want: { kind: "Node", name: "node-1", podCIDRs: ["10.4.1.0/24"], internalIPs: [] },
  },
  {
    name: "a Node that has nothing yet",
    manifest: { kind: "Node", metadata: { name: "node-1" }, spec: null, status: { addresses: null } },
    want: { kind: "Node", name: "node-1", podCIDRs: [], internalIPs: [] },
  },
  {
    name: "a Namespace to its labels, with the one that the API server adds",
    manifest: { kind: "Namespace", metadata: { name: "test", labels: { team: "a" } }, spec: { finalizers: [] } },
    want: { kind: "Namespace", name: "test", labels: { team: "a", "kubernetes.io/metadata.name": "test" } },
  },
  {
    name: "a Namespace whose label lies about its name",
    manifest: { kind: "Namespace", metadata: { name: "test", labels: { "kubernetes.io/metadata.name": "other" } } },
    want: { kind: "Namespace", name: "test", labels: { "kubernetes.io/metadata.name": "test" } },
  },
] as const;

describe("the schemas strip", () => {
  for (const { name, manifest, want } of cases) it(name, () => expect(schemas[manifest.kind].parse(manifest)).toEqual(want));
});

describe("objectKey()", () => {
  it("tells kinds, namespaces and names apart", () => {
    expect(objectKey({ kind: "Service", namespace: "test", name: "httpd" })).toBe("Service/test/httpd");
    expect(objectKey({ kind: "MeshNode", name: "node-1" })).toBe("MeshNode//node-1");
  });
});
