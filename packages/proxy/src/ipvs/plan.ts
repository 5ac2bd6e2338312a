import { splitServer } from "../services/server.ts";
import type { ServerKey, VirtualServer } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";
import type { Destination, IpvsService } from "./state.ts";

/**
 * Plans the virtual service of one server, given what the kernel holds of it.
 *
 * Targets have weight 1. A destination that is no target any more gets weight 0: open connections go on, new ones go
 * elsewhere. Not over UDP, where an open "connection" is only a client that still sends, and would send into the void;
 * nor under `dh`, which goes on to pick a destination of weight 0 and so would refuse new connections.
 *
 * @returns `undefined` when the service is to be deleted: nothing is wanted of it and nothing drains
 */
export function planService(key: ServerKey, held: IpvsService | undefined, wanted: VirtualServer | undefined): IpvsService | undefined {
  const { scheduler = "rr", affinitySeconds } = wanted ?? held ?? {};
  const targets = wanted?.targets ?? [];
  const destinations = new Map<TargetKey, Destination>(targets.map((target) => [target, at(1, held?.destinations.get(target))]));
  if (drains(key, scheduler))
    for (const [target, destination] of held?.destinations ?? [])
      if (!destinations.has(target)) destinations.set(target, at(0, destination));
  if (destinations.size === 0) return undefined;
  return { scheduler, ...(affinitySeconds === undefined ? {} : { affinitySeconds }), destinations };
}

/** Destinations without new connections, which are deleted when their open ones have ended. */
export function drainingOf({ destinations }: IpvsService): TargetKey[] {
  return [...destinations].filter(([, { weight }]) => weight === 0).map(([target]) => target);
}

const drains = (key: ServerKey, scheduler: string): boolean => splitServer(key).transport !== "udp" && scheduler !== "dh";

const at = (weight: number, held: Destination | undefined): Destination => ({ weight, connections: held?.connections ?? 0, masqueraded: true });
