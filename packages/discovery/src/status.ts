import type { MeshView } from "@sdn-tunnel/common/admit/view";
import type { Condition } from "@sdn-tunnel/common/daemon/status";
import type { AnswerTable } from "./answers/table.ts";
import type { Zones } from "./answers/zones.ts";
import { ZONE_STATE } from "./answers/zones.ts";
import type { UpstreamState } from "./forward/health.ts";

const STATES: Readonly<Record<number, string>> = {
  [ZONE_STATE.LIVE]: "live",
  [ZONE_STATE.UNSYNCED]: "not synced: missing names answer SERVFAIL",
  [ZONE_STATE.DEAD_SERVFAIL]: "dead: names answer SERVFAIL",
  [ZONE_STATE.DEAD_NXDOMAIN]: "dead: names answer NXDOMAIN",
};

export interface StatusNeeds {
  readonly view: MeshView;
  readonly zones: Zones;
  readonly table: Pick<AnswerTable, "namesIn">;
  readonly upstreams: readonly UpstreamState[];
  readonly conditions: readonly Condition[];
  readonly isDead: (cluster: string) => boolean;
}

/** The document at `/status`. */
export function statusOf({ view, zones, table, upstreams, conditions, isDead }: StatusNeeds) {
  const clusters = [...view.clusters.values()];
  return {
    clusters: clusters.map(({ name, local, synced }) => ({ name, local, synced, dead: isDead(name) })),
    zones: [...zones].map(({ id, origin, cluster, serial, state }) => ({
      origin,
      cluster,
      serial,
      names: table.namesIn(id),
      state: STATES[state],
    })),
    upstreams,
    conditions,
  };
}
