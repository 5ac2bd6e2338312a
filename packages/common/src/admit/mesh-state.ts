import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import type { ObjectChange } from "../sources/source.ts";
import { serviceName } from "./cluster-objects.ts";
import type { ServiceName } from "./cluster-objects.ts";
import { ClusterState } from "./cluster-state.ts";
import type { ClusterTouch } from "./cluster-state.ts";
import { admitClusters } from "./clusters.ts";
import { isDeepEqual } from "./equal.ts";
import type { Refusal } from "./refusal.ts";
import { nodeKey, serviceKey } from "./view.ts";
import type { ClusterView, MeshView, NodeKey, NodeView, ServiceKey, ServiceView, Touched } from "./view.ts";

/** Everything that is known of the mesh, after admission. Fed by the sources, read by the planners. */
export class MeshState implements MeshView {
  readonly #localName: string;
  readonly #states = new Map<string, ClusterState>();
  #configs: ReadonlyMap<string, MeshCluster> = new Map();
  #refusedClusters: readonly Refusal[] = [];
  /** As last asked for; made anew after a change, so that who holds it has a snapshot. */
  #clusters: ReadonlyMap<string, ClusterView> | undefined;
  readonly #nodes = new Map<NodeKey, NodeView>();

  constructor(localName: string) {
    this.#localName = localName;
  }

  get clusters(): ReadonlyMap<string, ClusterView> {
    return (this.#clusters ??= this.#viewClusters());
  }

  get nodes(): ReadonlyMap<NodeKey, NodeView> {
    return this.#nodes;
  }

  node(key: NodeKey): NodeView | undefined {
    return this.#nodes.get(key);
  }

  *serviceKeys(): Iterable<ServiceKey> {
    for (const [cluster, { objects }] of this.#states)
      for (const { namespace, name } of objects.services.values()) yield serviceKey(cluster, namespace, name);
  }

  service(key: ServiceKey): ServiceView | undefined {
    const [cluster = "", namespace = "", name = ""] = key.split("/");
    return this.#states.get(cluster)?.service(serviceName(namespace, name))?.service;
  }

  namespaces(cluster: string): ReadonlySet<string> {
    return this.#states.get(cluster)?.namespaces ?? new Set();
  }

  /** Every refusal that is the same on all nodes. */
  *refusals(): Iterable<Refusal> {
    yield* this.#refusedClusters;
    for (const state of this.#states.values()) yield* state.refusals();
  }

  /**
   * Takes the set of MeshClusters as the local source has it. A cluster that is gone or refused is forgotten with
   * all its objects; one that is admitted later gets them from its source again.
   */
  setClusters(clusters: Iterable<MeshCluster>): Touched {
    const { admitted, refusals } = admitClusters(this.#localName, clusters, this.#configs);
    const touched = new Touches();
    for (const { cluster } of changed(this.#refusedClusters, refusals)) touched.clusters.add(cluster);
    this.#refusedClusters = refusals;
    for (const [name, state] of this.#states) {
      if (admitted.has(name)) continue;
      touched.add(name, state.configure(state.config)); // every key it had
      this.#states.delete(name);
    }
    for (const [name, config] of admitted) {
      if (isDeepEqual(this.#configs.get(name), config)) continue;
      const state = this.#states.get(name) ?? new ClusterState(config, name === this.#localName);
      this.#states.set(name, state);
      touched.add(name, state.configure(config));
    }
    this.#configs = admitted;
    this.#clusters = undefined;
    return this.#follow(touched);
  }

  /** Takes changes of one cluster's objects; those of a cluster that is not admitted are dropped. */
  apply(cluster: string, changes: readonly ObjectChange[]): Touched {
    const touched = new Touches();
    const state = this.#states.get(cluster);
    if (state) touched.addObjects(cluster, state.apply(changes));
    return this.#follow(touched);
  }

  /** The cluster's source has delivered its first full list. */
  setSynced(cluster: string): Touched {
    const touched = new Touches();
    const state = this.#states.get(cluster);
    if (!state) return touched;
    state.synced = true;
    this.#clusters = undefined;
    touched.clusters.add(cluster);
    return touched;
  }

  #viewClusters(): ReadonlyMap<string, ClusterView> {
    const views = [...this.#states].map(([name, { config, synced }]): ClusterView => ({ name, local: name === this.#localName, config, synced }));
    return new Map(views.map((view) => [view.name, view]));
  }

  /** Takes over the nodes that were touched. */
  #follow(touched: Touched): Touched {
    for (const key of touched.nodes) {
      const [cluster = "", name = ""] = key.split("/");
      const node = this.#states.get(cluster)?.nodes.get(name);
      if (node) this.#nodes.set(key, node);
      else this.#nodes.delete(key);
    }
    return touched;
  }
}

class Touches implements Touched {
  readonly clusters = new Set<string>();
  readonly nodes = new Set<NodeKey>();
  readonly services = new Set<ServiceKey>();
  readonly namespaces = new Set<string>();

  add(cluster: string, touch: ClusterTouch): void {
    this.clusters.add(cluster);
    this.addObjects(cluster, touch);
  }

  addObjects(cluster: string, { nodes, services, namespaces }: ClusterTouch): void {
    for (const name of nodes) this.nodes.add(nodeKey(cluster, name));
    for (const name of services) this.services.add(keyOf(cluster, name));
    for (const name of namespaces) this.namespaces.add(`${cluster}/${name}`);
  }
}

/** Refusals that are in one list only. */
function changed(before: readonly Refusal[], after: readonly Refusal[]): Refusal[] {
  const missingIn = (others: readonly Refusal[]) => (refusal: Refusal) => !others.some((other) => isDeepEqual(other, refusal));
  return [...before.filter(missingIn(after)), ...after.filter(missingIn(before))];
}

const keyOf = (cluster: string, name: ServiceName): ServiceKey => `${cluster}/${name}` as ServiceKey;
