import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyAddress, anyPrefix } from "../../testing/arbitrary.ts";
import { complaints } from "../../testing/problems.ts";
import { meshNodeSchema } from "./mesh-node.ts";
import { renderMeshNode } from "./render.ts";

const key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const tunnel = { device: "a", publicKey: key, endpoints: [{ host: "203.0.113.7", port: 5555, via: "LoadBalancer" }] };

const manifest = (spec: object = {}) => ({
  apiVersion: "sdn-tunnel.io/v1alpha1",
  kind: "MeshNode",
  metadata: { name: "node-1" },
  spec: { subnets: ["10.132.2.0/23"], addresses: ["10.132.2.1"], nodeIPs: ["192.0.2.21"], tunnels: [tunnel], ...spec },
});

const parse = (spec?: object) => meshNodeSchema.parse(manifest(spec));

describe("a MeshNode", () => {
  it("has defaults for what an older agent does not publish", () => {
    expect(parse()).toEqual({
      kind: "MeshNode",
      name: "node-1",
      subnets: ["10.132.2.0/23"],
      addresses: ["10.132.2.1"],
      nodeIPs: ["192.0.2.21"],
      tunnels: [tunnel],
      mtu: 1420,
      features: [],
    });
  });

  it("is lenient: fields of a later version are passed over, wherever they stand", () => {
    const later = manifest({ weight: 5, tunnels: [{ ...tunnel, cipher: "x", endpoints: [{ ...tunnel.endpoints[0], zone: "z" }] }] });
    expect(meshNodeSchema.parse({ ...later, status: {}, metadata: { name: "node-1", uid: "5d7e", labels: { a: "b" } } })).toEqual(parse());
  });

  it("passes over a device of a later version, whatever its shape", () => {
    expect(parse({ tunnels: [{ device: "c", certificate: "…" }, tunnel] }).tunnels).toEqual([tunnel]);
  });

  it("is read back as it was rendered", () => {
    const optional = { gateway: fc.constantFrom("node-3", "node-1.example.com"), mtu: fc.integer({ min: 1280, max: 65_535 }) };
    const required = {
      subnets: fc.array(anyPrefix, { maxLength: 3 }),
      addresses: fc.array(anyAddress, { maxLength: 2 }),
      nodeIPs: fc.array(anyAddress, { maxLength: 2 }),
      tunnels: fc.constantFrom([], [tunnel], [tunnel, { ...tunnel, device: "b" }]),
    };
    const specs = fc.record({ ...required, ...optional }, { requiredKeys: ["subnets", "addresses", "nodeIPs", "tunnels"] });
    fc.assert(
      fc.property(specs, (spec) => {
        expect(meshNodeSchema.parse(renderMeshNode(parse(spec)))).toEqual(parse(spec));
      }),
    );
  });
});

const badKey = "spec.tunnels[0].publicKey: must be a WireGuard public key: 32 bytes in base64, 44 characters";

const refused = [
  { name: "a short key", spec: { tunnels: [{ ...tunnel, publicKey: "aGVsbG8=" }] }, says: [badKey] },
  { name: "a key with stray bits at its end", spec: { tunnels: [{ ...tunnel, publicKey: `${key.slice(0, 42)}F=` }] }, says: [badKey] },
  { name: "a key with a line break", spec: { tunnels: [{ ...tunnel, publicKey: `${key}\n` }] }, says: [badKey] },
  { name: "one device twice", spec: { tunnels: [tunnel, tunnel] }, says: ["spec.tunnels: must name each device once"] },
  { name: "no tunnels", spec: { tunnels: undefined }, says: ["spec.tunnels: is missing; it must be a list"] },
  {
    name: "an endpoint without a port",
    spec: { tunnels: [{ ...tunnel, endpoints: [{ host: "203.0.113.7", port: 0 }] }] },
    says: ["spec.tunnels[0].endpoints[0].port: must be at least 1"],
  },
  { name: "an MTU below IPv6's minimum", spec: { mtu: 1279 }, says: ["spec.mtu: must be at least 1280"] },
  {
    name: "an address with a prefix length",
    spec: { addresses: ["10.132.2.1/23"] },
    says: ['spec.addresses[0]: Cannot parse address "10.132.2.1/23": accepted are IPv4 "192.0.2.1" and IPv6 "2001:db8::1"'],
  },
  { name: "more subnets than anybody needs", spec: { subnets: Array(65).fill("10.0.0.0/24") }, says: ["spec.subnets: must have at most 64 entries"] },
  { name: "more addresses than anybody needs", spec: { nodeIPs: Array(33).fill("10.0.0.1") }, says: ["spec.nodeIPs: must have at most 32 entries"] },
];

describe("a MeshNode is bounded and", () => {
  for (const { name, spec, says } of refused)
    it(`refuses ${name}`, () => expect(complaints(meshNodeSchema, manifest(spec))).toEqual(says));

  it("tells every problem at once, each with its path", () => {
    const lines = complaints(meshNodeSchema, { ...manifest({ subnets: ["x"], nodeIPs: ["y"], mtu: 0 }), metadata: { name: "Node 1" } });
    expect(lines.map((line) => line.split(": ")[0])).toEqual(["metadata.name", "spec.subnets[0]", "spec.nodeIPs[0]", "spec.mtu"]);
  });
});
