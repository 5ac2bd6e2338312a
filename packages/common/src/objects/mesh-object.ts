import type { z } from "../mesh/zod.ts";
import { meshClusterSchema } from "../mesh/mesh-cluster.ts";
import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import { meshNodeSchema } from "../mesh/mesh-node.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import { endpointSliceSchema } from "./endpoint-slice.ts";
import type { EndpointSlice } from "./endpoint-slice.ts";
import { namespaceSchema } from "./namespace.ts";
import type { Namespace } from "./namespace.ts";
import { nodeSchema } from "./node.ts";
import type { Node } from "./node.ts";
import { serviceSchema } from "./service.ts";
import type { Service } from "./service.ts";

/** Any object that a source delivers, stripped. */
export type MeshObject = MeshCluster | MeshNode | Service | EndpointSlice | Namespace | Node;

export type MeshKind = MeshObject["kind"];

/** Identity of an object inside its cluster: `Service/ns/name`, `MeshNode//node-1`. Made by `objectKey()`. */
export type ObjectKey = string & { readonly __brand: "ObjectKey" };

/** The schema that turns each kind's manifest into its stripped shape; other kinds are not read. */
export const schemas: Readonly<Record<MeshKind, z.ZodType<MeshObject>>> = {
  MeshCluster: meshClusterSchema,
  MeshNode: meshNodeSchema,
  Service: serviceSchema,
  EndpointSlice: endpointSliceSchema,
  Namespace: namespaceSchema,
  Node: nodeSchema,
};

/** The identity of an object: kind, namespace (empty when cluster-scoped) and name. */
export function objectKey(object: { kind: MeshKind; namespace?: string; name: string }): ObjectKey {
  return `${object.kind}/${object.namespace ?? ""}/${object.name}` as ObjectKey;
}
