import type { ClusterView } from "@sdn-tunnel/common/admit/view";
import { OWN_ZONE } from "./answers/zones.ts";
import type { Zone, Zones, ZoneState } from "./answers/zones.ts";
import { forwardZones, primaryZone, reverseZones } from "./names/zones.ts";

/** Says how a cluster's zones answer: whether it has synced, whether it is dead. */
export type StateOf = (cluster: ClusterView) => ZoneState;

/** Which zones there are for which cluster, as one pass sees it. */
export class ZoneBook {
  readonly #zones: Zones;
  readonly #stateOf: StateOf;
  #clusters: ReadonlyMap<string, ClusterView> = new Map();

  constructor(zones: Zones, stateOf: StateOf) {
    this.#zones = zones;
    this.#stateOf = stateOf;
  }

  /** Takes the clusters of a new pass. */
  begin(clusters: ReadonlyMap<string, ClusterView>): void {
    this.#clusters = clusters;
    this.#zones.setPrimary(this.primary);
  }

  cluster(name: string): ClusterView | undefined {
    return this.#clusters.get(name);
  }

  get local(): ClusterView | undefined {
    return [...this.#clusters.values()].find(({ local }) => local);
  }

  /** The zone in which the server has its name. */
  get primary(): string {
    return this.local ? primaryZone(this.local) : "cluster.local";
  }

  /** Opens the zones that the cluster should have, or brings them up to date. */
  open(name: string): { forward: Zone[]; reverse: Zone[] } {
    const cluster = this.#clusters.get(name);
    if (!cluster) return { forward: [], reverse: [] };
    const { primary } = this;
    const state = this.#stateOf(cluster);
    const ensure = (origin: string, kind: "forward" | "reverse"): Zone =>
      Object.assign(this.#zones.ensure({ origin, kind, cluster: name, primary: kind === "forward" ? origin : primary }), { state });
    return {
      forward: forwardZones(cluster).map((origin) => ensure(origin, "forward")),
      reverse: reverseZones(cluster).map((origin) => ensure(origin, "reverse")),
    };
  }

  /** The open zones that the names of the cluster's Services stand in. */
  forwardOf(name: string): Zone[] {
    const cluster = this.#clusters.get(name);
    return (cluster ? forwardZones(cluster) : []).flatMap((origin) => this.#zones.find(origin) ?? []);
  }

  /** The zone that the name of an address stands in: the longest that is open, else one of its own. */
  reverseOf(name: string): Zone {
    for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
      const zone = this.#zones.find(name.slice(dot + 1));
      if (zone) return zone;
    }
    return this.#zones.get(OWN_ZONE);
  }

  /** Ends a pass: zones that changed get a new serial, zones without names are closed. */
  finish(changed: readonly number[], serial: number, namesIn: (zone: Zone) => number): void {
    for (const id of changed) this.#zones.stamp(this.#zones.get(id), serial);
    for (const zone of [...this.#zones]) if (namesIn(zone) === 0) this.#zones.delete(zone);
  }
}
