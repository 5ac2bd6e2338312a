import { API_VERSION } from "./mesh-cluster.ts";
import type { MeshNode } from "./mesh-node.ts";

/** A MeshNode as the Kubernetes object that `meshNodeSchema` reads back. */
export function renderMeshNode({ kind, name, ...spec }: MeshNode) {
  return { apiVersion: API_VERSION, kind, metadata: { name }, spec };
}
