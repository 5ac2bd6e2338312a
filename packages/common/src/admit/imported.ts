import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import type { ClusterObjects, ServiceName } from "./cluster-objects.ts";
import { matchesSelector } from "./imports.ts";
import { Quota } from "./quota.ts";
import type { Refusal } from "./refusal.ts";

/** Which namespaces and Services of one cluster are taken in: by selector, and within the limits, which the local one has not. */
export class Imported {
  /** Names of the namespaces whose Services are wanted. */
  readonly namespaces = new Set<string>();
  readonly #config: MeshCluster;
  readonly #local: boolean;
  readonly #services: Quota<ServiceName>;
  readonly #endpoints: Quota<ServiceName>;

  constructor(config: MeshCluster, local: boolean) {
    this.#config = config;
    this.#local = local;
    this.#services = new Quota(local ? Number.POSITIVE_INFINITY : config.limits.services);
    this.#endpoints = new Quota(local ? Number.POSITIVE_INFINITY : config.limits.endpoints);
  }

  /** Looks at a namespace again after it changed; its Services are to follow. */
  updateNamespace(name: string, objects: ClusterObjects): void {
    const namespace = objects.namespaces.get(name);
    if (namespace && (this.#local || matchesSelector(namespace.labels, this.#config.import.namespaceSelector))) this.namespaces.add(name);
    else this.namespaces.delete(name);
  }

  /**
   * Looks at a Service again after it, its namespace or its slices changed.
   *
   * @returns it, and every Service that may have more or less by that
   */
  update(name: ServiceName, objects: ClusterObjects): ReadonlySet<ServiceName> {
    const service = objects.services.get(name);
    const wanted =
      service !== undefined &&
      this.namespaces.has(service.namespace) &&
      (this.#local || matchesSelector(service.labels, this.#config.import.serviceSelector));
    const slices = wanted ? objects.slicesOf(name) : [];
    const endpoints = slices.reduce((sum, slice) => sum + slice.endpoints.reduce((n, e) => n + e.addresses.length, 0), 0);
    return this.#services.ask(name, wanted ? 1 : 0).union(this.#endpoints.ask(name, endpoints));
  }

  has(name: ServiceName): boolean {
    return this.#services.grant(name) > 0;
  }

  /** Endpoints that this Service may have. */
  endpointQuota(name: ServiceName): number {
    return this.#endpoints.grant(name);
  }

  *refusals(): Iterable<Refusal> {
    const { services } = this.#config.limits;
    const surplus = this.#services.size - services;
    if (this.#local || surplus <= 0) return;
    const detail = `${surplus} Services are past limits.services (${services}), the last by name`;
    yield { cluster: this.#config.name, object: `MeshCluster ${this.#config.name}`, reason: "OverLimit", detail };
  }
}
