import type { ClusterView, MeshView, ServiceKey } from "@sdn-tunnel/common/admit/view";
import { messageOf } from "@sdn-tunnel/common/errors";
import type { PassScope } from "@sdn-tunnel/common/loop/pass-loop";
import type { Address } from "@sdn-tunnel/common/net/address";
import type { Publisher } from "./answers/publisher.ts";
import { OWN_ZONE } from "./answers/zones.ts";
import type { Zone, Zones, ZoneState } from "./answers/zones.ts";
import { planApex, planReverseApex } from "./names/apex.ts";
import { PointerIndex } from "./names/pointers.ts";
import { planService } from "./names/service.ts";
import { serversOf } from "./names/servers.ts";
import { forwardZones, primaryZone, reverseName, reverseZones } from "./names/zones.ts";
import { allKeys, inOrder } from "./pass-keys.ts";
import type { PassKey } from "./pass-keys.ts";

/** Keys between two looks at the sockets: a relist of ten thousand Services must not keep a query waiting. */
const KEYS_PER_TURN = 64;

export interface PassNeeds {
  readonly view: MeshView;
  readonly zones: Zones;
  readonly publisher: Pick<Publisher, "owners" | "replace" | "takeChanged">;
  /** The server's own addresses, which NS glue shows. */
  readonly own: readonly Address[];
  /** Says how a cluster's zones answer: whether it has synced, whether it is dead. */
  readonly stateOf: (cluster: ClusterView) => ZoneState;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Resolves after waiting queries were answered. */
  readonly breathe: () => Promise<void>;
}

/**
 * One pass: what the mesh looks like (`view`), which names that makes (`names/`), what of it is not in the table yet
 * (`publisher`), and the table, from which every query is answered.
 */
export class DiscoveryPass {
  readonly #needs: PassNeeds;
  readonly #pointers = new PointerIndex();
  /** The clusters as this pass sees them. */
  #clusters: ReadonlyMap<string, ClusterView> = new Map();
  /** A Service before the server itself changed, so NS did. */
  #serversMoved = false;

  constructor(needs: PassNeeds) {
    this.#needs = needs;
  }

  /** Works on the keys of `scope`; returns those that failed, with the reason. */
  async run({ full, keys }: PassScope<PassKey>, signal: AbortSignal): Promise<ReadonlyMap<PassKey, string>> {
    const failed = new Map<PassKey, string>();
    const { view, publisher, breathe } = this.#needs;
    this.#clusters = view.clusters;
    const known = [...publisher.owners()].filter((owner) => !owner.startsWith("address/")) as PassKey[];
    const work = inOrder(full ? new Set([...known, ...allKeys(view)]) : keys);
    for (const [i, key] of work.entries()) {
      if (signal.aborted) break;
      if (i % KEYS_PER_TURN === KEYS_PER_TURN - 1) await breathe();
      try {
        this.#publish(key);
      } catch (error) {
        failed.set(key, messageOf(error));
      }
    }
    this.#finish();
    return failed;
  }

  #publish(key: PassKey): void {
    const [kind, cluster = "", ...rest] = key.split("/");
    if (kind === "cluster") this.#publishCluster(cluster);
    else if (kind === "namespace") this.#publishNamespace(key, cluster, rest[0] ?? "");
    else this.#publishService(key, `${cluster}/${rest.join("/")}` as ServiceKey);
  }

  /** Zones, and the names that they have without any Service. */
  #publishCluster(name: string): void {
    const { view, zones, publisher, own, stateOf } = this.#needs;
    const cluster = this.#clusters.get(name);
    const primary = this.#primary();
    if (cluster?.local) zones.setPrimary(primary);
    const ensure = (origin: string, kind: "forward" | "reverse"): Zone => {
      const zone = zones.ensure({ origin, kind, cluster: name, primary: kind === "forward" ? origin : primary });
      if (cluster) zone.state = stateOf(cluster);
      return zone;
    };
    const forward = (cluster ? forwardZones(cluster) : []).map((origin) => {
      const servers = cluster?.local ? serversOf(view, this.#pointers, origin, own) : [];
      return { zone: ensure(origin, "forward"), plans: planApex(origin, own, servers), own: true };
    });
    const reverse = (cluster ? reverseZones(cluster) : []).map((origin) => ({
      zone: ensure(origin, "reverse"),
      plans: planReverseApex(origin, primary, own),
      own: true,
    }));
    publisher.replace(`cluster/${name}`, [...forward, ...reverse]);
  }

  #publishNamespace(key: PassKey, clusterName: string, name: string): void {
    const { view, publisher } = this.#needs;
    const present = view.namespaces(clusterName).has(name);
    const zones = present ? this.#forwardZonesOf(clusterName) : [];
    publisher.replace(key, zones.map((zone) => ({ zone, plans: [{ name: `${name}.svc.${zone.origin}`, sets: [] }] })));
  }

  #publishService(key: PassKey, service: ServiceKey): void {
    const { view, publisher, own } = this.#needs;
    const found = view.service(service);
    const cluster = found && this.#clusters.get(found.cluster);
    const zones = cluster ? this.#forwardZonesOf(cluster.name) : [];
    publisher.replace(key, zones.map((zone) => ({ zone, plans: found && cluster ? planService(found, zone.origin, cluster) : [] })));
    const addresses = this.#pointers.set(service, found, cluster ? primaryZone(cluster) : "");
    for (const address of addresses) this.#publishPointers(address);
    this.#serversMoved ||= own.some((address) => addresses.has(address));
  }

  #publishPointers(address: Address): void {
    const name = reverseName(address);
    const targets = this.#pointers.targets(address);
    const plans = targets.length > 0 ? [{ name, sets: [{ type: "PTR" as const, targets }] }] : [];
    this.#needs.publisher.replace(`address/${address}`, [{ zone: this.#reverseZoneOf(name), plans }]);
  }

  /** Zones that are no longer wanted go with their last name; those that changed get a new serial. */
  #finish(): void {
    const { zones, publisher, now } = this.#needs;
    const local = this.#local();
    if (this.#serversMoved && local) this.#publishCluster(local.name);
    this.#serversMoved = false;
    for (const zone of publisher.takeChanged()) zones.stamp(zone, Math.floor(now() / 1000));
    for (const zone of [...zones]) if (zone.names === 0) zones.delete(zone);
  }

  #forwardZonesOf(name: string): Zone[] {
    const cluster = this.#clusters.get(name);
    return (cluster ? forwardZones(cluster) : []).flatMap((origin) => this.#needs.zones.find(origin) ?? []);
  }

  #reverseZoneOf(name: string): Zone {
    const { zones } = this.#needs;
    for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
      const zone = zones.find(name.slice(dot + 1));
      if (zone) return zone;
    }
    return zones.get(OWN_ZONE);
  }

  #primary(): string {
    const local = this.#local();
    return local ? primaryZone(local) : "cluster.local";
  }

  #local(): ClusterView | undefined {
    return [...this.#clusters.values()].find((cluster) => cluster.local);
  }
}
