import type { ServerKey } from "../services/server.ts";
import { sameSettings } from "./state.ts";
import type { Destination, IpvsState } from "./state.ts";
import type { IpvsOp } from "./table.ts";

/**
 * Lists the changes that turn `observed` into `desired`.
 *
 * Additions come before everything that takes away, so a service wanted on both sides is never without a destination;
 * a destination that drains gives way only when the new ones are there.
 *
 * @param observed the keys of this change: what the kernel was read to hold or has acknowledged
 * @returns operations in apply order; empty when converged
 */
export function diffIpvs(observed: IpvsState, desired: IpvsState): IpvsOp[] {
  const adds: IpvsOp[] = [];
  const takes: IpvsOp[] = [];
  for (const [service, { destinations, ...settings }] of desired) {
    const before = observed.get(service);
    if (!before) adds.push({ kind: "add-service", service, settings });
    else if (!sameSettings(before, settings)) adds.push({ kind: "edit-service", service, settings });
    for (const [target, { weight }] of destinations) {
      const held = before?.destinations.get(target);
      if (!held) adds.push({ kind: "add-destination", service, target, weight });
      else if (!isAt(held, weight)) (weight > 0 ? adds : takes).push({ kind: "edit-destination", service, target, weight });
    }
  }
  for (const [service, { destinations }] of observed) takes.push(...deletions(service, destinations, desired));
  return [...adds, ...takes];
}

function deletions(service: ServerKey, destinations: ReadonlyMap<string, Destination>, desired: IpvsState): IpvsOp[] {
  const after = desired.get(service);
  if (!after) return [{ kind: "delete-service", service }]; // takes its destinations with it
  return [...after.destinations.keys(), ...destinations.keys()]
    .filter((target) => !after.destinations.has(target as never))
    .map((target) => ({ kind: "delete-destination", service, target: target as never }));
}

const isAt = ({ weight, masqueraded }: Destination, wanted: number): boolean => masqueraded && weight === wanted;
