import { ZONE_STATE } from "../answers/zones.ts";
import type { ZoneState } from "../answers/zones.ts";
import type { DeadCluster } from "../config.ts";

/** How the zones of a cluster answer; one that has not synced tells so, dead or not. */
export function zoneStateOf(cluster: { readonly synced: boolean; readonly dead: boolean }, mode: DeadCluster): ZoneState {
  if (cluster.dead && mode === "servfail") return ZONE_STATE.DEAD_SERVFAIL;
  if (!cluster.synced) return ZONE_STATE.UNSYNCED;
  return cluster.dead && mode === "nxdomain" ? ZONE_STATE.DEAD_NXDOMAIN : ZONE_STATE.LIVE;
}
