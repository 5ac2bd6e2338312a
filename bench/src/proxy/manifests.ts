import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Endpoints of each Service. */
const ENDPOINTS = 5;
const meshVersion = "sdn-tunnel.io/v1alpha1";

/** Writes a mesh of this node's cluster, `FOLDER/east`, and one of `services` Services with five endpoints each, one file for each. */
export function writeMesh(folder: string, services: number): string {
  const [east, west] = [join(folder, "east"), join(folder, "west")];
  for (const each of [east, west]) mkdirSync(each, { recursive: true });
  writeClusters(east);
  writeFileSync(join(west, "namespace.yaml"), documents([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "test" } }]));
  for (let i = 0; i < services; i++) writeFileSync(join(west, `svc${i}.yaml`), documents(serviceDocuments(i)));
  return east;
}

/** Writes both clusters; another limit of nodes makes that every object of west is looked at again, to no effect. */
export function writeClusters(folder: string, nodes = 1000): void {
  const cluster = (name: string, cidr: string, more: object = {}) => ({ apiVersion: meshVersion, kind: "MeshCluster", metadata: { name }, spec: { podCIDRs: [{ cidr }], ...more } });
  const west = { serviceCIDRs: [{ cidr: "172.31.0.0/16" }], source: { directory: "../west" }, limits: { nodes } };
  writeFileSync(join(folder, "clusters.yaml"), documents([cluster("east", "10.10.0.0/16"), cluster("west", "10.132.0.0/14", west)]));
}

function serviceDocuments(i: number): object[] {
  const name = `svc${i}`;
  const endpoints = Array.from({ length: ENDPOINTS }, (_, j) => {
    const n = i * ENDPOINTS + j;
    return { addresses: [`10.${132 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`], nodeName: `node-${n % 100}`, targetRef: { kind: "Pod", name: `${name}-${j}` } };
  });
  const labels = { "kubernetes.io/service-name": name };
  return [
    { apiVersion: "v1", kind: "Service", metadata: { namespace: "test", name }, spec: { clusterIP: `172.31.${i >> 8}.${i & 255}`, ports: [{ name: "http", port: 8080 }] } },
    { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { namespace: "test", name: `${name}-1`, labels }, addressType: "IPv4", endpoints, ports: [{ name: "http", port: 8080 }] },
  ];
}

/** JSON is YAML, and quick to write. */
const documents = (all: readonly object[]): string => all.map((one) => JSON.stringify(one)).join("\n---\n");
