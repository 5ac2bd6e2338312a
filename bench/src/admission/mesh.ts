import { API_VERSION, meshClusterSchema } from "@sdn-tunnel/common/mesh/mesh-cluster";
import type { MeshCluster } from "@sdn-tunnel/common/mesh/mesh-cluster";
import { meshNodeSchema } from "@sdn-tunnel/common/mesh/mesh-node";
import type { MeshNode } from "@sdn-tunnel/common/mesh/mesh-node";
import { endpointSliceSchema } from "@sdn-tunnel/common/objects/endpoint-slice";
import type { MeshObject } from "@sdn-tunnel/common/objects/mesh-object";
import { namespaceSchema } from "@sdn-tunnel/common/objects/namespace";
import { serviceSchema } from "@sdn-tunnel/common/objects/service";

/** Endpoints of each Service, on one node after the other. */
export const ENDPOINTS = 5;
/** The node that events are about, and one of the Services whose first endpoint is on it; one in 200 is on its host network. */
export const [SUBJECT, SERVICE, HOSTED] = [40, 8, 200];

const cluster = (name: string, pods: string, services: string): MeshCluster =>
  meshClusterSchema.parse({
    apiVersion: API_VERSION,
    kind: "MeshCluster",
    metadata: { name },
    spec: { podCIDRs: [{ cidr: pods }], serviceCIDRs: [{ cidr: services }], limits: { nodes: 16_384 } },
  });

export const clusters = [cluster("east", "10.0.0.0/16", "172.30.0.0/16"), cluster("west", "10.64.0.0/10", "172.16.0.0/15")];

/** Two bytes below `10.64.0.0/10`, and below the node network. */
const pair = (i: number): string => `${64 + (i >> 8)}.${i & 255}`;
const nodeIP = (i: number): string => `198.18.${i >> 8}.${i & 255}`;

/** Node number `i` of west, with what is published differently in this case. */
export const nodeOf = (i: number, spec: object = {}): MeshNode =>
  meshNodeSchema.parse({
    apiVersion: API_VERSION,
    kind: "MeshNode",
    metadata: { name: `node-${i}` },
    spec: { subnets: [`10.${pair(i)}.0/24`], addresses: [`10.${pair(i)}.1`], nodeIPs: [nodeIP(i)], tunnels: [], ...spec },
  });

/** The slice of Service number `i`, its endpoints on `nodes` nodes in turn; one endpoint may be `ready` or not. */
export function sliceOf(i: number, nodes: number, ready = true): MeshObject {
  const endpoints = Array.from({ length: ENDPOINTS }, (_, j) => {
    const [at, host] = [(i * ENDPOINTS + j) % nodes, 2 + (((i * ENDPOINTS + j) / nodes) & 127)];
    const address = j === 0 && i % HOSTED === SERVICE ? nodeIP(at) : `10.${pair(at)}.${host}`;
    // Every other one does not say its node, as where endpoints are written by hand.
    return { addresses: [address], ...(j % 2 ? { nodeName: `node-${at}` } : {}), conditions: { ready: ready || j > 0 } };
  });
  const metadata = { namespace: `ns${i % 20}`, name: `svc${i}-1`, labels: { "kubernetes.io/service-name": `svc${i}` } };
  return endpointSliceSchema.parse({ metadata, addressType: "IPv4", endpoints, ports: [{ name: "http", port: 8080 }] });
}

/** Everything that west publishes. */
export function objectsOf(nodes: number, services: number): MeshObject[] {
  const namespaces = Array.from({ length: 20 }, (_, i) => namespaceSchema.parse({ metadata: { name: `ns${i}` } }));
  const all = Array.from({ length: services }, (_, i) => {
    const spec = { clusterIP: `172.${16 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`, ports: [{ name: "http", port: 80 }] };
    return [serviceSchema.parse({ metadata: { namespace: `ns${i % 20}`, name: `svc${i}` }, spec }), sliceOf(i, nodes)];
  });
  return [...namespaces, ...Array.from({ length: nodes }, (_, i) => nodeOf(i)), ...all.flat()];
}
