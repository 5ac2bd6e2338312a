import { encodeName } from "../wire/name.ts";
import { compileSoa, setSerial } from "./soa.ts";
import type { Soa } from "./soa.ts";

/** How a zone's missing names, and a dead cluster's names, answer. */
export const ZONE_STATE = {
  /** As the table says. */
  LIVE: 0,
  /** The first full list has not arrived: what is found is answered, what is missing is not known to be missing. */
  UNSYNCED: 1,
  /** All nodes are silent: SERVFAIL. */
  DEAD_SERVFAIL: 2,
  /** All nodes are silent: as if nothing were there. */
  DEAD_NXDOMAIN: 3,
} as const;

export type ZoneState = (typeof ZONE_STATE)[keyof typeof ZONE_STATE];

/** What a zone is for: names of a cluster, or addresses. */
export type ZoneKind = "forward" | "reverse";

/** A zone as the answering side sees it. */
export interface Zone {
  readonly id: number;
  readonly origin: string;
  /** Bytes of the origin on the wire; 0 for the zone that begins at whatever name is asked. */
  readonly originLength: number;
  /** Labels of a complete name in a reverse zone (6 or 34): shorter ones have, or may have, names below them. */
  readonly fullLabels: number;
  soa: Soa;
  kind: ZoneKind;
  cluster: string;
  state: ZoneState;
  /** Unix time in seconds of the last visible change. */
  serial: number;
}

/** What a zone is made from. */
export interface ZoneSpec {
  readonly origin: string;
  readonly kind: ZoneKind;
  readonly cluster: string;
  /** The zone in which the server has its name: a forward zone itself. */
  readonly primary: string;
}

/** Zone 0 holds PTR names outside all reverse zones: each is a zone of its own. */
export const OWN_ZONE = 0;

/** The zones that are served, by number and by name. */
export class Zones {
  readonly #byId: (Zone | undefined)[] = [];
  readonly #byOrigin = new Map<string, Zone>();
  readonly #ttl: number;

  /** @param ttl of records, and MINIMUM of SOA, in seconds */
  constructor(ttl: number) {
    this.#ttl = ttl;
    this.setPrimary("cluster.local");
  }

  /** The zone that a block names; it exists as long as a name in it does. */
  get(id: number): Zone {
    return this.#byId[id] as Zone;
  }

  find(origin: string): Zone | undefined {
    return this.#byOrigin.get(origin);
  }

  *[Symbol.iterator](): Iterator<Zone> {
    yield* this.#byOrigin.values();
  }

  /** Says in which zone the server has its name. */
  setPrimary(primary: string): void {
    const spec: ZoneSpec = { origin: "", kind: "reverse", cluster: "", primary };
    const own = this.#byId[OWN_ZONE];
    if (own) own.soa = this.#compileSoa(spec, own.serial);
    else this.#byId[OWN_ZONE] = { ...this.#make(OWN_ZONE, spec), state: ZONE_STATE.LIVE, fullLabels: 0, originLength: 0 };
  }

  /** Adds the zone, or brings one of the same name up to date. A new zone knows nothing yet. */
  ensure(spec: ZoneSpec): Zone {
    const old = this.#byOrigin.get(spec.origin);
    if (old) return Object.assign(old, { kind: spec.kind, cluster: spec.cluster, soa: this.#compileSoa(spec, old.serial) });
    const vacant = this.#byId.indexOf(undefined);
    const zone = this.#make(vacant < 0 ? this.#byId.length : vacant, spec);
    this.#byId[zone.id] = zone;
    this.#byOrigin.set(spec.origin, zone);
    return zone;
  }

  delete({ id, origin }: Zone): void {
    this.#byOrigin.delete(origin);
    this.#byId[id] = undefined;
  }

  /** Moves a zone's serial on. */
  stamp(zone: Zone, serial: number): void {
    zone.serial = Math.max(serial, zone.serial);
    setSerial(zone.soa, zone.serial);
  }

  #make(id: number, spec: ZoneSpec): Zone {
    const { origin, kind, cluster } = spec;
    const complete = origin.endsWith("ip6.arpa") ? 34 : 6;
    return {
      id,
      origin,
      originLength: encodeName(origin)?.length ?? 0,
      fullLabels: kind === "reverse" ? complete : 0,
      soa: this.#compileSoa(spec, 0),
      kind,
      cluster,
      state: ZONE_STATE.UNSYNCED,
      serial: 0,
    };
  }

  #compileSoa({ origin, primary }: ZoneSpec, serial: number): Soa {
    return compileSoa({ origin: origin === "" ? undefined : origin, primary, ttl: this.#ttl, serial });
  }
}
