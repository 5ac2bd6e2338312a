import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { schemas } from "@sdn-tunnel/common/objects/mesh-object";
import type { MeshKind, MeshObject } from "@sdn-tunnel/common/objects/mesh-object";
import { readYaml } from "@sdn-tunnel/common/sources/yaml";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { usualServices } from "../services/shape.ts";
import { planLab } from "../topology/addresses.ts";
import { usualShape } from "../topology/shape.ts";
import { planFolder } from "./folder.ts";
import { removeManifest, renderManifest, writeFolder, writeManifest } from "./write.ts";

const [east, west] = planLab(usualShape()) as [ReturnType<typeof planLab>[number], ReturnType<typeof planLab>[number]];
const folder = planFolder(east, { services: usualServices(east), remotes: [{ cluster: west, directory: "/clusters/west" }], deadAfter: "3s" });

const readManifest = (file: string): unknown[] => readYaml(readFileSync(file, "utf8")).map((document) => document.fault ?? document.value);

/** An object as the product's own daemons read it. */
function read(object: object): MeshObject {
  const { kind } = object as { kind: MeshKind };
  const { data, error } = schemas[kind].safeParse(object);
  if (error) throw error;
  return data;
}
const all = [...folder.values()].flat().map(read);
const one = <K extends MeshKind>(kind: K, name: string) => {
  const [found, ...others] = all.filter((object) => object.kind === kind && object.name === name);
  expect(others).toEqual([]);
  return found as Extract<MeshObject, { kind: K }>;
};

describe("planFolder()", () => {
  it("has every kind that the daemons read but the one that they write", () => {
    const kinds = Object.keys(schemas).filter((kind) => kind !== "MeshNode");
    expect([...new Set(all.map(({ kind }) => kind as string))].toSorted()).toEqual(kinds.toSorted());
  });

  it("enters the local cluster without a source", () => {
    const local = one("MeshCluster", "east");
    expect(local.source).toBeUndefined();
    expect(local.serviceCIDRs).toEqual([
      { cidr: "172.30.0.0/16", as: "172.30.0.0/16" },
      { cidr: "fd00:30::/112", as: "fd00:30::/112" },
    ]);
  });

  it("enters the other one with its folder and other service prefixes", () =>
    expect(one("MeshCluster", "west")).toMatchObject({
      source: { directory: "/clusters/west" },
      podCIDRs: [{ cidr: "10.132.0.0/14" }, { cidr: "fd00:132::/48" }],
      serviceCIDRs: [
        { cidr: "172.30.0.0/16", as: "172.31.0.0/16" },
        { cidr: "fd00:30::/112", as: "fd00:31::/112" },
      ],
      deadAfter: 3000,
    }));

  it("shows nodes with their subnets and addresses", () =>
    expect(one("Node", "east-2")).toMatchObject({ podCIDRs: ["10.128.2.0/23", "fd00:128:0:1::/64"], internalIPs: ["192.0.2.12", "2001:db8:1::12"] }));

  it("has a Namespace for each Service and pod", () => {
    const namespaces = all.filter(({ kind }) => kind === "Namespace").map(({ name }) => name);
    expect(namespaces.toSorted()).toEqual(["default", "kube-system", "sdn-tunnel", "test-sdn-tunnel"]);
  });

  it("shows a dual-stack Service with a slice for each family", () => {
    expect(one("Service", "httpd")).toMatchObject({ namespace: "test-sdn-tunnel", clusterIPs: ["172.30.0.80", "fd00:30::80"] });
    for (const [name, family, addresses] of [
      ["httpd-ipv4", 4, ["10.128.0.11", "10.128.2.11"]],
      ["httpd-ipv6", 6, ["fd00:128::11", "fd00:128:0:1::11"]],
    ] as const) {
      const slice = one("EndpointSlice", name);
      expect(slice).toMatchObject({ service: "httpd", family });
      expect(slice.endpoints.flatMap((endpoint) => endpoint.addresses)).toEqual(addresses);
      expect(slice.ports.map(({ protocol, port }) => `${protocol} ${port}`)).toEqual(["TCP 8080", "UDP 8080"]);
    }
  });

  it("shows an IPv6 Service with a slice of IPv6 alone", () => {
    expect(one("Service", "httpd6").clusterIPs).toEqual(["fd00:30::86"]);
    expect(all.filter((object) => object.kind === "EndpointSlice" && object.service === "httpd6").map(({ name }) => name)).toEqual(["httpd6-ipv6"]);
  });

  it("shows a backend on the host network under its node's address", () =>
    expect(one("EndpointSlice", "httpd-host-ipv4").endpoints).toMatchObject([{ addresses: ["192.0.2.12"], nodeName: "east-2", podName: "httpd-host", ready: true }]));
});

describe("writeManifest()", () => {
  let directory: string;
  beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "sdn-lab-manifests-"))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it("writes what it reads back, a document for each object", () => {
    writeFolder(directory, folder);
    for (const [path, objects] of folder) expect(readManifest(join(directory, path))).toEqual(objects);
    expect(readFileSync(join(directory, "namespaces.yaml"), "utf8").match(/^---$/gm)).toHaveLength(3);
  });

  it("leaves no draft, and replaces a file as a whole", () => {
    const file = join(directory, "a.yaml");
    writeManifest(file, [{ first: "x".repeat(10_000) }]);
    writeManifest(file, [{ second: 2 }]);
    expect(readdirSync(directory)).toEqual(["a.yaml"]);
    expect(readFileSync(file, "utf8")).toBe(renderManifest([{ second: 2 }]));
  });

  it("keeps the file of before when an object cannot be written", () => {
    const file = join(directory, "a.yaml");
    writeManifest(file, [{ good: true }]);
    expect(() => writeManifest(file, [{ bad: () => {} }])).toThrow("Function");
    expect(readManifest(file)).toEqual([{ good: true }]);
  });

  it("takes away what may be gone already", () => {
    removeManifest(join(directory, "absent.yaml"));
    expect(readdirSync(directory)).toEqual([]);
  });
});
