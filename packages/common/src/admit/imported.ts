import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import type { Namespace } from "../objects/namespace.ts";
import type { ClusterObjects, ServiceName } from "./cluster-objects.ts";
import { matchesSelector } from "./imports.ts";
import { shareLimit } from "./limits.ts";
import type { Refusal } from "./refusal.ts";

/** Which Services of one cluster are taken in: by selector, and within the limits. */
export class Imported {
  readonly #config: MeshCluster;
  readonly #local: boolean;
  /** Endpoints per imported Service. */
  readonly #endpoints = new Map<ServiceName, number>();
  #total = 0;
  #grants: { services: (name: ServiceName) => number; endpoints: (name: ServiceName) => number } | undefined;

  constructor(config: MeshCluster, local: boolean) {
    this.#config = config;
    this.#local = local;
  }

  /** True while more is asked for than `limits` allow; the local cluster has no limits. */
  get overLimit(): boolean {
    const { services, endpoints } = this.#config.limits;
    return !this.#local && (this.#endpoints.size > services || this.#total > endpoints);
  }

  /** True when the namespace's Services are wanted. */
  admits(namespace: Namespace | undefined): boolean {
    if (this.#local) return namespace !== undefined;
    return namespace !== undefined && matchesSelector(namespace.labels, this.#config.import.namespaceSelector);
  }

  /** Looks at a Service again after it, its namespace or its slices changed. */
  update(name: ServiceName, objects: ClusterObjects): void {
    this.#total -= this.#endpoints.get(name) ?? 0;
    this.#grants = undefined;
    const service = objects.services.get(name);
    const wanted =
      service !== undefined &&
      this.admits(objects.namespaces.get(service.namespace)) &&
      (this.#local || matchesSelector(service.labels, this.#config.import.serviceSelector));
    if (!wanted) return void this.#endpoints.delete(name);
    const slices = objects.slicesOf(name);
    const count = slices.reduce((sum, slice) => sum + slice.endpoints.reduce((n, e) => n + e.addresses.length, 0), 0);
    this.#endpoints.set(name, count);
    this.#total += count;
  }

  has(name: ServiceName): boolean {
    if (!this.overLimit) return this.#endpoints.has(name);
    return this.#shares().services(name) > 0;
  }

  /** Endpoints that this Service may have. */
  endpointQuota(name: ServiceName): number {
    return this.overLimit ? this.#shares().endpoints(name) : Number.POSITIVE_INFINITY;
  }

  *refusals(): Iterable<Refusal> {
    const surplus = this.#endpoints.size - this.#config.limits.services;
    if (this.#local || surplus <= 0) return;
    const detail = `${surplus} Services are past limits.services (${this.#config.limits.services}), the last by name`;
    yield { cluster: this.#config.name, object: `MeshCluster ${this.#config.name}`, reason: "OverLimit", detail };
  }

  #shares() {
    const { services, endpoints } = this.#config.limits;
    const ones = new Map([...this.#endpoints.keys()].map((name) => [name, 1]));
    this.#grants ??= {
      services: shareLimit(ones, ones.size, services),
      endpoints: shareLimit(this.#endpoints, this.#total, endpoints),
    };
    return this.#grants;
  }
}
