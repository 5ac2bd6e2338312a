import { describe, expect, it } from "vitest";
import { complaints } from "../../testing/problems.ts";
import { meshClusterSchema } from "./mesh-cluster.ts";

const manifest = (spec: object, metadata: object = { name: "west" }) => ({
  apiVersion: "sdn-tunnel.io/v1alpha1",
  kind: "MeshCluster",
  metadata,
  spec: { podCIDRs: [{ cidr: "10.132.0.0/14" }], ...spec },
});

const parse = (spec: object) => meshClusterSchema.parse(manifest(spec));

describe("a MeshCluster", () => {
  it("has a default for everything but its name and its pod prefixes", () => {
    expect(parse({})).toEqual({
      kind: "MeshCluster",
      name: "west",
      domain: "cluster.west",
      localDomain: "cluster.local",
      podCIDRs: [{ cidr: "10.132.0.0/14", as: "10.132.0.0/14" }],
      serviceCIDRs: [],
      topology: "mesh",
      deadAfter: 5000,
      import: {},
      limits: { nodes: 1000, services: 20_000, endpoints: 200_000 },
      paused: false,
    });
  });

  it("keeps the other limits when one is set", () => {
    expect(parse({ limits: { nodes: 3 } }).limits).toEqual({ nodes: 3, services: 20_000, endpoints: 200_000 });
  });

  it("ignores its status and the metadata that Kubernetes adds", () => {
    const live = { ...manifest({}, { name: "west", uid: "5d7e", resourceVersion: "9" }), status: { nodes: 2 } };
    expect(meshClusterSchema.parse(live)).toEqual(parse({}));
  });

  it("maps a prefix to itself, or to one of equal length", () => {
    const serviceCIDRs = [{ cidr: "172.30.0.0/16", as: "172.31.0.0/16" }, { cidr: "FD00:30::/112" }];
    expect(parse({ serviceCIDRs }).serviceCIDRs).toEqual([
      { cidr: "172.30.0.0/16", as: "172.31.0.0/16" },
      { cidr: "fd00:30::/112", as: "fd00:30::/112" },
    ]);
  });

  for (const [text, ms] of Object.entries({ "500ms": 500, "5s": 5000, "2m": 120_000, "999999ms": 999_999 }))
    it(`reads the duration ${text}`, () => expect(parse({ deadAfter: text }).deadAfter).toBe(ms));
});

const durations = ["0s", "5", "5 s", "-5s", "1.5s", "5h", "", "1000000s", "05s"];

const refused = [
  { name: "a misspelt field", spec: { podCIDR: [] }, says: ["spec.podCIDR: is no known field; remove it or correct its name"] },
  { name: "no pod prefix", spec: { podCIDRs: [] }, says: ["spec.podCIDRs: must have at least 1 entry"] },
  { name: "a prefix as text", spec: { podCIDRs: ["10.0.0.0/8"] }, says: ["spec.podCIDRs[0]: must be an object"] },
  {
    name: "host bits",
    spec: { podCIDRs: [{ cidr: "10.132.0.1/14" }] },
    says: ['spec.podCIDRs[0].cidr: Cannot accept prefix "10.132.0.1/14": it has host bits set; did you mean 10.132.0.0/14?'],
  },
  {
    name: "`as` of another length",
    spec: { serviceCIDRs: [{ cidr: "172.30.0.0/16", as: "172.31.0.0/17" }] },
    says: ["spec.serviceCIDRs[0].as: Cannot map 172.30.0.0/16 to 172.31.0.0/17: both must have the same family and length"],
  },
  {
    name: "`as` of the other family",
    spec: { serviceCIDRs: [{ cidr: "10.0.0.0/16", as: "fd00::/16" }] },
    says: ["spec.serviceCIDRs[0].as: Cannot map 10.0.0.0/16 to fd00::/16: both must have the same family and length"],
  },
  {
    name: "own prefixes that overlap",
    spec: { serviceCIDRs: [{ cidr: "10.133.0.0/16" }] },
    says: ["spec.serviceCIDRs[0].cidr: overlaps 10.132.0.0/14 of the same cluster"],
  },
  {
    name: "own prefixes that overlap once they are mapped",
    spec: { serviceCIDRs: [{ cidr: "172.30.0.0/16", as: "10.133.0.0/16" }] },
    says: ["spec.serviceCIDRs[0].as: overlaps 10.132.0.0/14 of the same cluster"],
  },
  {
    name: "two sources",
    spec: { source: { directory: "west", kubeconfigFile: "west.conf" } },
    says: ["spec.source: must name exactly one of directory, kubeconfigFile, kubeconfigSecretRef"],
  },
  { name: "an empty source", spec: { source: {} }, says: ["spec.source: must name exactly one of directory, kubeconfigFile, kubeconfigSecretRef"] },
  {
    name: "two preshared keys",
    spec: { presharedKeyFile: "key", presharedKeySecretRef: { name: "psk", namespace: "sdn-tunnel", key: "west" } },
    says: ["spec.presharedKeyFile: must be left out beside presharedKeySecretRef"],
  },
  { name: "a limit of nothing", spec: { limits: { nodes: 0 } }, says: ["spec.limits.nodes: must be at least 1"] },
  { name: "a broken limit", spec: { limits: { nodes: 1.5 } }, says: ["spec.limits.nodes: must be a whole number"] },
  { name: "an unknown topology", spec: { topology: "star" }, says: ['spec.topology: must be "mesh" or "gateway"'] },
  { name: "a domain in upper case", spec: { domain: "Cluster.West" }, says: ["spec.domain: must be a lower case DNS name such as cluster.west"] },
  { name: "a truth value as text", spec: { paused: "no" }, says: ["spec.paused: must be true or false"] },
  {
    name: "a selector that would take in everything by mistake",
    spec: { import: { namespaceSelector: { matchExpressions: [{ key: "team", operator: "NotIn", values: [] }] } } },
    says: ["spec.import.namespaceSelector.matchExpressions[0].values: must have at least 1 entry with NotIn"],
  },
  {
    name: "values where none are read",
    spec: { import: { serviceSelector: { matchExpressions: [{ key: "team", operator: "Exists", values: ["a"] }] } } },
    says: ["spec.import.serviceSelector.matchExpressions[0].values: must be left out with Exists"],
  },
  ...durations.map((text) => ({
    name: `the duration ${JSON.stringify(text)}`,
    spec: { deadAfter: text },
    says: ['spec.deadAfter: must be a duration such as "500ms", "5s" or "2m"'],
  })),
];

describe("a MeshCluster is strict and", () => {
  for (const { name, spec, says } of refused)
    it(`refuses ${name}`, () => expect(complaints(meshClusterSchema, manifest(spec))).toEqual(says));

  for (const name of ["West", "west.example", "-west", "w".repeat(64), ""])
    it(`refuses the name ${JSON.stringify(name)}`, () =>
      expect(complaints(meshClusterSchema, manifest({}, { name }))).toEqual([
        "metadata.name: must be an RFC 1123 label: a-z, 0-9 and '-', at most 63 characters",
      ]));

  it("refuses the name `local`", () =>
    expect(complaints(meshClusterSchema, manifest({}, { name: "local" }))).toEqual(["metadata.name: `local` is reserved"]));

  it("refuses another version and a field beside spec", () => {
    const wrong = { ...manifest({}), apiVersion: "sdn-tunnel.io/v2", sepc: {} };
    expect(complaints(meshClusterSchema, wrong)).toEqual([
      'apiVersion: must be "sdn-tunnel.io/v1alpha1"',
      "sepc: is no known field; remove it or correct its name",
    ]);
  });

  it("tells every problem at once, each with its path", () => {
    const spec = {
      podCIDRs: [{ cidr: "10.0.0.1/8" }, { cidr: 3 }, {}],
      topology: "star",
      deadAfter: "soon",
      limits: { nodes: -1, pods: 5 },
      import: { namespaceSelector: { matchLabels: [] } },
    };
    expect(complaints(meshClusterSchema, manifest(spec, { name: "West" })).map((line) => line.split(": ")[0])).toEqual([
      "metadata.name",
      "spec.podCIDRs[0].cidr",
      "spec.podCIDRs[1].cidr",
      "spec.podCIDRs[2].cidr",
      "spec.topology",
      "spec.deadAfter",
      "spec.import.namespaceSelector.matchLabels",
      "spec.limits.nodes",
      "spec.limits.pods",
    ]);
  });

  it("tells what is missing", () =>
    expect(complaints(meshClusterSchema, { apiVersion: "sdn-tunnel.io/v1alpha1", kind: "MeshCluster" })).toEqual([
      "metadata: is missing; it must be an object",
      "spec: is missing; it must be an object",
    ]));
});
