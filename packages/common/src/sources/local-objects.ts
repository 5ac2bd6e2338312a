import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import type { ObjectKey } from "../objects/mesh-object.ts";
import type { Node } from "../objects/node.ts";
import type { ObjectChange } from "./source.ts";

/** What only the local cluster's source may say: which clusters there are, and the facts of this cluster's nodes. */
export class LocalObjects {
  readonly #clusters = new Map<ObjectKey, MeshCluster>();
  readonly #nodes = new Map<string, Node>();

  get clusters(): Iterable<MeshCluster> {
    return this.#clusters.values();
  }

  node(name: string): Node | undefined {
    return this.#nodes.get(name);
  }

  /** Keeps what is of these kinds; returns whether a MeshCluster changed, and which nodes did. */
  take(changes: readonly ObjectChange[]): { readonly clustersChanged: boolean; readonly nodes: ReadonlySet<string> } {
    let clustersChanged = false;
    const nodes = new Set<string>();
    for (const { key, object } of changes) {
      const [kind, , name = ""] = key.split("/");
      if (kind === "MeshCluster") clustersChanged = true;
      if (kind === "Node") nodes.add(name);
      if (object?.kind === "MeshCluster") this.#clusters.set(key, object);
      else if (object?.kind === "Node") this.#nodes.set(name, object);
      else if (kind === "MeshCluster") this.#clusters.delete(key);
      else if (kind === "Node") this.#nodes.delete(name);
    }
    return { clustersChanged, nodes };
  }
}
