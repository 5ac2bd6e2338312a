import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import type { ObjectChange } from "../sources/source.ts";
import { ClusterObjects } from "./cluster-objects.ts";
import type { ServiceName } from "./cluster-objects.ts";
import { isDeepEqual } from "./equal.ts";
import { Imported } from "./imported.ts";
import { NodeMoves } from "./node-moves.ts";
import { admitNodes } from "./nodes.ts";
import type { NodeAdmission } from "./nodes.ts";
import { ReachMap } from "./reachable.ts";
import type { Refusal } from "./refusal.ts";
import { admitService } from "./services.ts";
import type { ServiceAdmission } from "./services.ts";
import type { NodeView } from "./view.ts";

/** What a batch of changes touched inside one cluster. */
export interface ClusterTouch {
  readonly nodes: Set<string>;
  readonly services: Set<ServiceName>;
  readonly namespaces: Set<string>;
}

/** One admitted cluster: its objects, and what admission makes of them. A change costs what it touches. */
export class ClusterState {
  readonly objects = new ClusterObjects();
  synced = false;
  readonly #local: boolean;
  #config: MeshCluster;
  #imported: Imported;
  #nodes: NodeAdmission = { admitted: new Map(), refusals: [] };
  #reach: ReachMap;
  readonly #services = new Map<ServiceName, ServiceAdmission>();

  constructor(config: MeshCluster, local: boolean) {
    this.#local = local;
    this.#config = config;
    this.#imported = new Imported(config, local);
    this.#reach = new ReachMap(config, this.#nodes.admitted);
  }

  get config(): MeshCluster {
    return this.#config;
  }

  get nodes(): ReadonlyMap<string, NodeView> {
    return this.#nodes.admitted;
  }

  /** Names of the namespaces whose Services are imported. */
  namespaces(): ReadonlySet<string> {
    return new Set([...this.objects.namespaces.values()].filter((ns) => this.#imported.admits(ns)).map(({ name }) => name));
  }

  /** Takes a new configuration: everything is admitted again. */
  configure(config: MeshCluster): ClusterTouch {
    this.#config = config;
    this.#imported = new Imported(config, this.#local);
    for (const name of this.objects.services.keys()) this.#imported.update(name, this.objects);
    const touch = this.#touchAll();
    this.#admitNodes(touch);
    return touch;
  }

  apply(changes: readonly ObjectChange[]): ClusterTouch {
    const touch: ClusterTouch = { nodes: new Set(), services: new Set(), namespaces: new Set() };
    let nodesChanged = false;
    for (const { key, object } of changes) {
      const { nodes = false, namespace, services } = this.objects.set(key, object);
      nodesChanged ||= nodes;
      if (namespace !== undefined) touch.namespaces.add(namespace);
      for (const name of services) touch.services.add(name);
    }
    const wasOver = this.#imported.overLimit;
    for (const name of touch.services) this.#imported.update(name, this.objects);
    // Past a limit, who is in depends on everybody: then, and only then, all are looked at again.
    if (wasOver || this.#imported.overLimit) for (const name of this.objects.services.keys()) touch.services.add(name);
    for (const name of touch.services) this.#services.delete(name);
    if (nodesChanged) this.#admitNodes(touch);
    return touch;
  }

  /** The Service after admission, made when first asked for; `undefined` when absent, not imported or past a limit. */
  service(name: ServiceName): ServiceAdmission | undefined {
    const known = this.#services.get(name);
    if (known) return known;
    const service = this.objects.services.get(name);
    if (!service || !this.#imported.has(name)) return undefined;
    const admission = admitService(service, this.objects.slicesOf(name), {
      cluster: this.#config,
      local: this.#local,
      reach: (address, node) => this.#reach.reach(address, node),
      endpointQuota: this.#imported.endpointQuota(name),
    });
    this.#services.set(name, admission);
    return admission;
  }

  /** Every refusal in force; Services are counted once somebody has asked for them. */
  *refusals(): Iterable<Refusal> {
    yield* this.#nodes.refusals;
    yield* this.#imported.refusals();
    for (const { refusals } of this.#services.values()) yield* refusals;
  }

  #touchAll(): ClusterTouch {
    this.#services.clear();
    return {
      nodes: new Set(this.nodes.keys()),
      services: new Set(this.objects.services.keys()),
      namespaces: new Set(this.objects.namespaces.keys()),
    };
  }

  #admitNodes(touch: ClusterTouch): void {
    const before = this.#nodes.admitted;
    const limits = this.#local ? { limit: Number.POSITIVE_INFINITY } : {};
    this.#nodes = admitNodes(this.#config, this.objects.nodes.values(), { inForce: before, ...limits });
    this.#reach = new ReachMap(this.#config, this.#nodes.admitted);
    const moves = new NodeMoves();
    for (const name of new Set([...before.keys(), ...this.nodes.keys()])) {
      const [old, now] = [before.get(name), this.nodes.get(name)];
      if (isDeepEqual(old, now)) continue;
      touch.nodes.add(name);
      moves.add(name, old, now);
    }
    if (moves.any && !this.#local) this.#forgetServicesOn(moves, touch);
  }

  /** Services with an endpoint that may be reached differently now that these nodes appeared, moved or are gone. */
  #forgetServicesOn(moves: NodeMoves, touch: ClusterTouch): void {
    const isNode = (name: string): boolean => this.nodes.has(name);
    for (const [name, { service }] of this.#services) {
      if (!moves.concern(service.endpoints, this.objects.slicesOf(name), isNode)) continue;
      this.#services.delete(name);
      touch.services.add(name);
    }
  }
}
