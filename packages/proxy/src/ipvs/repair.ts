import { sameSettings } from "./state.ts";
import type { IpvsService } from "./state.ts";
import type { IpvsOp } from "./table.ts";

/**
 * Picks the operation that brings an object to where a refused one aimed, now that the object was read again.
 *
 * @returns `"done"` when it is there already, `undefined` when nothing can be done: the service is missing
 */
export function repairOp(op: IpvsOp, service: IpvsService | undefined): IpvsOp | "done" | undefined {
  switch (op.kind) {
    case "add-service":
    case "edit-service":
      return { ...op, kind: service ? "edit-service" : "add-service" };
    case "delete-service":
      return service ? op : "done";
    case "add-destination":
    case "edit-destination":
      if (!service) return undefined;
      return { ...op, kind: service.destinations.has(op.target) ? "edit-destination" : "add-destination" };
    case "delete-destination":
      return service?.destinations.has(op.target) ? op : "done";
  }
}

/** True when the object is where the operation aimed. */
export function isReached(op: IpvsOp, service: IpvsService | undefined): boolean {
  switch (op.kind) {
    case "add-service":
    case "edit-service":
      return service !== undefined && sameSettings(service, op.settings);
    case "delete-service":
      return service === undefined;
    case "add-destination":
    case "edit-destination": {
      const held = service?.destinations.get(op.target);
      return held?.weight === op.weight && held.masqueraded;
    }
    case "delete-destination":
      return !service?.destinations.has(op.target);
  }
}
