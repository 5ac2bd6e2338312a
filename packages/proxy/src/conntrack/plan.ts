import { containsAddress } from "@sdn-tunnel/common/net/overlap";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { Change } from "../services/backend.ts";
import { splitServer } from "../services/server.ts";
import type { ServerKey, VirtualServer } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";
import type { Flow } from "./conntrack.ts";

/** Targets by UDP server, for those that `changes` touched; a server that is gone has none. */
export function touchedUdp(changes: readonly Change[]): Map<ServerKey, ReadonlySet<TargetKey>> {
  const touched = new Map<ServerKey, ReadonlySet<TargetKey>>();
  for (const change of changes) {
    if (change.kind !== "set-server" && change.kind !== "delete-server") continue;
    if (splitServer(change.key).transport !== "udp") continue;
    touched.set(change.key, new Set(change.kind === "set-server" ? change.after.targets : []));
  }
  return touched;
}

/**
 * Picks the flows that go to no current target of their server. UDP has no end of a connection that a client would
 * notice: as long as it sends, the kernel sends on to where the first packet went, be that a pod that is gone or,
 * for a flow older than its Service, the bare virtual address.
 */
export function staleFlows(flows: readonly Flow[], touched: ReadonlyMap<ServerKey, ReadonlySet<TargetKey>>): Flow[] {
  return flows.filter(({ server, target }) => touched.get(server)?.has(target) === false);
}

/**
 * Picks the flows into prefixes that were not guarded until now, and go to no target of their server: somebody else
 * has translated them, and would go on to do so for as long as the kernel remembers.
 */
export function strayFlows(flows: readonly Flow[], prefixes: ReadonlySet<Prefix>, servers: ReadonlyMap<ServerKey, VirtualServer>): Flow[] {
  const isInside = (server: ServerKey): boolean => prefixes.values().some((prefix) => containsAddress(prefix, splitServer(server).address));
  return flows.filter(({ server, target }) => isInside(server) && !servers.get(server)?.targets.includes(target));
}
