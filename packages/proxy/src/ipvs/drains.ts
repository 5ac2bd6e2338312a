import type { ServerKey } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";
import { drainingOf } from "./plan.ts";
import type { IpvsService } from "./state.ts";
import type { IpvsOp } from "./table.ts";

/**
 * Milliseconds after which a draining destination is deleted whatever connections it still has: the time after which
 * IPVS itself forgets an idle TCP connection (ipvsadm(8), `--set`, 900 s).
 */
const LIMIT_MS = 900_000;

/** Destinations that get no new connections, and until when their open ones may go on. */
export class Drains {
  readonly #deadlines = new Map<ServerKey, Map<TargetKey, number>>();

  /** Services with draining destinations. */
  get services(): ServerKey[] {
    return [...this.#deadlines.keys()];
  }

  get size(): number {
    return this.#deadlines.values().reduce((sum, targets) => sum + targets.size, 0);
  }

  /** Takes notice of what drains in a service now; what did before keeps its deadline. */
  note(key: ServerKey, service: IpvsService | undefined, now: number): void {
    const known = this.#deadlines.get(key);
    const draining = service ? drainingOf(service) : [];
    if (draining.length === 0) this.#deadlines.delete(key);
    else this.#deadlines.set(key, new Map(draining.map((target) => [target, known?.get(target) ?? now + LIMIT_MS])));
  }

  /** The deletions that are due in a service, as it was just read. */
  due(key: ServerKey, service: IpvsService, now: number): IpvsOp[] {
    const deadlines = this.#deadlines.get(key);
    const over = drainingOf(service).filter(
      (target) => service.destinations.get(target)?.connections === 0 || (deadlines?.get(target) ?? Infinity) <= now,
    );
    if (over.length === service.destinations.size) return [{ kind: "delete-service", service: key }];
    return over.map((target) => ({ kind: "delete-destination", service: key, target }));
  }
}
