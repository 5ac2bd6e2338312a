import type { ServerKey } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";
import type { Destination, IpvsService, IpvsState } from "./state.ts";
import type { IpvsOp } from "./table.ts";

/** Our virtual services as the kernel has acknowledged them: changes by what was really applied. */
export class ServiceShadow {
  readonly services: Map<ServerKey, IpvsService>;

  constructor(services: IpvsState) {
    this.services = new Map(services);
  }

  /** The part that concerns these servers. */
  only(keys: Iterable<ServerKey>): Map<ServerKey, IpvsService> {
    const services = new Map<ServerKey, IpvsService>();
    for (const key of keys) {
      const service = this.services.get(key);
      if (service) services.set(key, service);
    }
    return services;
  }

  acknowledge(done: readonly IpvsOp[]): void {
    const fresh = new Set<ServerKey>();
    for (const op of done)
      if (op.kind === "delete-service") this.services.delete(op.service);
      else if ("settings" in op) this.services.set(op.service, { ...op.settings, destinations: this.services.get(op.service)?.destinations ?? new Map() });
      else this.#setDestination(op, fresh);
  }

  /** @param fresh services whose destinations were copied already, so that a batch copies each once */
  #setDestination(op: Extract<IpvsOp, { target: TargetKey }>, fresh: Set<ServerKey>): void {
    const service = this.services.get(op.service);
    if (!service) return;
    const destinations = (fresh.has(op.service) ? service.destinations : new Map(service.destinations)) as Map<TargetKey, Destination>;
    if (op.kind === "delete-destination") destinations.delete(op.target);
    else destinations.set(op.target, { weight: op.weight, connections: destinations.get(op.target)?.connections ?? 0, masqueraded: true });
    if (!fresh.has(op.service)) this.services.set(op.service, { ...service, destinations });
    fresh.add(op.service);
  }
}
