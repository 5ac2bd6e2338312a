import type { Scheduler } from "../services/scheduler.ts";
import type { ServerKey, VirtualServer } from "../services/server.ts";
import type { IpvsService, IpvsState } from "./state.ts";

/**
 * Makes servers of virtual services and of what the guard lets through to them. One whose parts do not fit together
 * has no targets, so that it is written anew; one that only drains is none.
 */
export function readServers(services: IpvsState, open: ReadonlySet<ServerKey>): Map<ServerKey, VirtualServer> {
  const servers = new Map<ServerKey, VirtualServer>();
  for (const [key, service] of services) {
    const balances = [...service.destinations.values()].some(({ weight }) => weight !== 0);
    if (balances || open.has(key)) servers.set(key, balances && open.has(key) && isWhole(service) ? serverOf(service) : { targets: [] });
  }
  for (const key of open) if (!services.has(key)) servers.set(key, { targets: [] });
  return servers;
}

/** Written by nobody but us. */
function isWhole({ destinations, altered }: IpvsService): boolean {
  return !altered && [...destinations.values()].every(({ weight, masqueraded }) => masqueraded && (weight === 0 || weight === 1));
}

function serverOf({ scheduler, affinitySeconds, destinations }: IpvsService): VirtualServer {
  const targets = [...destinations].filter(([, { weight }]) => weight === 1).map(([target]) => target);
  return {
    targets,
    ...(affinitySeconds === undefined ? {} : { affinitySeconds }),
    ...(scheduler === "rr" ? {} : { scheduler: scheduler as Scheduler }),
  };
}
