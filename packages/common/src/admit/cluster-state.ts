import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import type { ObjectChange } from "../sources/source.ts";
import { ClusterObjects } from "./cluster-objects.ts";
import type { ServiceName } from "./cluster-objects.ts";
import { Imported } from "./imported.ts";
import { AdmittedNodes } from "./nodes.ts";
import { asPublished, ReachMap } from "./reachable.ts";
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
  #nodes: AdmittedNodes;
  #reach: ReachMap<ServiceName>;
  readonly #services = new Map<ServiceName, ServiceAdmission>();

  constructor(config: MeshCluster, local: boolean) {
    this.#local = local;
    this.#config = config;
    this.#imported = new Imported(config, local);
    this.#nodes = this.#noNodes();
    this.#reach = new ReachMap(config, this.#nodes);
  }

  get config(): MeshCluster {
    return this.#config;
  }

  get nodes(): ReadonlyMap<string, NodeView> {
    return this.#nodes.views;
  }

  /** Names of the namespaces whose Services are imported. */
  get namespaces(): ReadonlySet<string> {
    return this.#imported.namespaces;
  }

  /** Takes a new configuration: everything is admitted again. */
  configure(config: MeshCluster): ClusterTouch {
    const before = this.nodes;
    this.#config = config;
    this.#imported = new Imported(config, this.#local);
    for (const name of this.objects.namespaces.keys()) this.#imported.updateNamespace(name, this.objects);
    for (const name of this.objects.services.keys()) this.#imported.update(name, this.objects);
    this.#nodes = this.#noNodes();
    this.#nodes.update(this.objects.nodes.keys(), this.objects.nodes, before);
    this.#reach = new ReachMap(config, this.#nodes);
    this.#services.clear();
    return {
      nodes: new Set([...before.keys(), ...this.nodes.keys()]),
      services: new Set(this.objects.services.keys()),
      namespaces: new Set(this.objects.namespaces.keys()),
    };
  }

  apply(changes: readonly ObjectChange[]): ClusterTouch {
    const nodes = new Set<string>();
    const namespaces = new Set<string>();
    const changed = new Set<ServiceName>();
    for (const { key, object } of changes) {
      const { node, namespace, services } = this.objects.set(key, object);
      if (node !== undefined) nodes.add(node);
      if (namespace !== undefined) namespaces.add(namespace);
      for (const name of services) changed.add(name);
    }
    for (const name of namespaces) this.#imported.updateNamespace(name, this.objects);
    const services = new Set<ServiceName>();
    for (const name of changed) for (const one of this.#imported.update(name, this.objects)) services.add(one);
    const moves = this.#nodes.update(nodes, this.objects.nodes);
    for (const name of this.#reach.concernedBy(moves)) services.add(name);
    for (const name of services) this.#forget(name);
    return { nodes: new Set(moves.nodes.map(({ name }) => name)), services, namespaces };
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
      reach: this.#local ? asPublished : this.#reach.askedBy(name),
      endpointQuota: this.#imported.endpointQuota(name),
    });
    this.#services.set(name, admission);
    return admission;
  }

  /** Every refusal in force; Services are counted once somebody has asked for them. */
  *refusals(): Iterable<Refusal> {
    yield* this.#nodes.refusals();
    yield* this.#imported.refusals();
    for (const { refusals } of this.#services.values()) yield* refusals;
  }

  #noNodes(): AdmittedNodes {
    return new AdmittedNodes(this.#config, this.#local ? Number.POSITIVE_INFINITY : undefined);
  }

  /** What was admitted for these reasons is admitted again when somebody asks. */
  #forget(name: ServiceName): void {
    this.#services.delete(name);
    this.#reach.forget(name);
  }
}
