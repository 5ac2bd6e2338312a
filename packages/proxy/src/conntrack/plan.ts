import type { Change } from "../services/backend.ts";
import { splitServer } from "../services/server.ts";
import type { ServerKey } from "../services/server.ts";
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
