import { meshClusterSchema } from "../src/mesh/mesh-cluster.ts";
import type { MeshCluster } from "../src/mesh/mesh-cluster.ts";
import { meshNodeSchema } from "../src/mesh/mesh-node.ts";
import type { MeshNode } from "../src/mesh/mesh-node.ts";
import { endpointSliceSchema } from "../src/objects/endpoint-slice.ts";
import type { EndpointSlice } from "../src/objects/endpoint-slice.ts";
import { objectKey } from "../src/objects/mesh-object.ts";
import type { MeshObject } from "../src/objects/mesh-object.ts";
import { namespaceSchema } from "../src/objects/namespace.ts";
import type { Namespace } from "../src/objects/namespace.ts";
import { serviceSchema } from "../src/objects/service.ts";
import type { Service } from "../src/objects/service.ts";
import type { ObjectChange } from "../src/sources/source.ts";

const apiVersion = "sdn-tunnel.io/v1alpha1";

/** Prefixes written as `cidr` or `cidr=as`. */
const mappings = (texts: readonly string[]) =>
  texts.map((text) => {
    const [cidr, as] = text.split("=");
    return as === undefined ? { cidr } : { cidr, as };
  });

export interface ClusterSpec {
  readonly pods?: readonly string[];
  readonly services?: readonly string[];
  readonly [field: string]: unknown;
}

/** A cluster through the real schema: `aMeshCluster("west", { pods: ["10.4.0.0/16"], services: ["10.96.0.0/16=10.97.0.0/16"] })`. */
export function aMeshCluster(name: string, { pods = ["10.4.0.0/16"], services = [], ...rest }: ClusterSpec = {}): MeshCluster {
  const spec = { podCIDRs: mappings(pods), serviceCIDRs: mappings(services), ...rest };
  return meshClusterSchema.parse({ apiVersion, kind: "MeshCluster", metadata: { name }, spec });
}

export function aMeshNode(name: string, spec: object = {}): MeshNode {
  const full = { subnets: [], addresses: [], nodeIPs: [], tunnels: [], ...spec };
  return meshNodeSchema.parse({ apiVersion, kind: "MeshNode", metadata: { name }, spec: full });
}

export function aNamespace(name: string, labels: Readonly<Record<string, string>> = {}): Namespace {
  return namespaceSchema.parse({ metadata: { name, labels } });
}

/** A Service by `namespace/name`. */
export function aService(path: string, spec: object = {}, labels: Readonly<Record<string, string>> = {}): Service {
  const [namespace, name] = path.split("/");
  return serviceSchema.parse({ metadata: { namespace, name, labels }, spec });
}

/** A slice by `namespace/name`, of the Service of that name unless `service` says another; its family is IPv4. */
export function aSlice(path: string, endpoints: readonly object[] = [], { service = path, ...rest }: { service?: string; [field: string]: unknown } = {}): EndpointSlice {
  const [namespace, name] = path.split("/");
  const labels = { "kubernetes.io/service-name": service.split("/")[1] };
  return endpointSliceSchema.parse({ metadata: { namespace, name, labels }, addressType: "IPv4", endpoints, ...rest });
}

/** The change by which a source delivers an object. */
export const arrival = (object: MeshObject): ObjectChange => ({ key: objectKey(object), object });

/** The change by which a source takes it away again. */
export const departure = (object: MeshObject): ObjectChange => ({ key: objectKey(object) });
