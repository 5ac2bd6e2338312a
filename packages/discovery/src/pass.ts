import type { MeshView, ServiceKey } from "@sdn-tunnel/common/admit/view";
import { messageOf } from "@sdn-tunnel/common/errors";
import type { PassScope } from "@sdn-tunnel/common/loop/pass-loop";
import type { Address } from "@sdn-tunnel/common/net/address";
import type { Publisher } from "./answers/publisher.ts";
import type { Zones } from "./answers/zones.ts";
import { planApex, planReverseApex } from "./names/apex.ts";
import { PointerIndex } from "./names/pointers.ts";
import { planService } from "./names/service.ts";
import { serversOf } from "./names/servers.ts";
import { primaryZone, reverseName } from "./names/zones.ts";
import { allKeys, inOrder } from "./pass-keys.ts";
import type { PassKey } from "./pass-keys.ts";
import { ZoneBook } from "./zone-book.ts";
import type { StateOf } from "./zone-book.ts";

/** Keys, or addresses of one Service, between two looks at the sockets: a relist must not keep a query waiting. */
const PER_BREATH = 64;

export interface PassNeeds {
  readonly view: MeshView;
  readonly zones: Zones;
  readonly publisher: Pick<Publisher, "owners" | "namesIn" | "replace" | "put" | "remove" | "takeChanged">;
  /** The server's own addresses, which NS glue shows. */
  readonly own: readonly Address[];
  readonly stateOf: StateOf;
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
  readonly #book: ZoneBook;
  readonly #pointers = new PointerIndex();
  /** Zones may have moved: look at every address of a Service, not only at those of which something else is said. */
  #thorough = false;
  /** A Service before the server itself changed, so NS did. */
  #serversMoved = false;

  constructor(needs: PassNeeds) {
    this.#needs = needs;
    this.#book = new ZoneBook(needs.zones, needs.stateOf);
  }

  /** Works on the keys of `scope`; returns those that failed, with the reason. */
  async run({ full, keys }: PassScope<PassKey>, signal: AbortSignal): Promise<ReadonlyMap<PassKey, string>> {
    const failed = new Map<PassKey, string>();
    const { view, publisher, breathe } = this.#needs;
    this.#book.begin(view.clusters);
    const work = inOrder(full ? new Set([...(publisher.owners() as Iterable<PassKey>), ...allKeys(view)]) : keys);
    this.#thorough = full || work[0]?.startsWith("cluster/") === true;
    for (const [i, key] of work.entries()) {
      if (signal.aborted) break;
      if (i % PER_BREATH === PER_BREATH - 1) await breathe();
      try {
        for (const _ of this.#publish(key)) await breathe();
      } catch (error) {
        failed.set(key, messageOf(error));
      }
    }
    this.#finish();
    return failed;
  }

  #publish(key: PassKey): Iterable<void> {
    const [kind, cluster = "", ...rest] = key.split("/");
    if (kind === "cluster") return this.#publishCluster(cluster);
    if (kind === "namespace") return this.#publishNamespace(key, cluster, rest[0] ?? "");
    return this.#publishService(key, `${cluster}/${rest.join("/")}` as ServiceKey);
  }

  /** Zones, and the names that they have without any Service. */
  #publishCluster(name: string): Iterable<void> {
    const { view, publisher, own } = this.#needs;
    const { forward, reverse } = this.#book.open(name);
    const { primary } = this.#book;
    const servers = (zone: string) => (this.#book.cluster(name)?.local ? serversOf(view, this.#pointers, zone, own) : []);
    return publisher.replace(`cluster/${name}`, [
      ...forward.map((zone) => ({ zone, own: true, plans: planApex(zone.origin, own, servers(zone.origin)) })),
      ...reverse.map((zone) => ({ zone, own: true, plans: planReverseApex(zone.origin, primary, own) })),
    ]);
  }

  #publishNamespace(key: PassKey, cluster: string, name: string): Iterable<void> {
    const { view, publisher } = this.#needs;
    const zones = view.namespaces(cluster).has(name) ? this.#book.forwardOf(cluster) : [];
    return publisher.replace(key, zones.map((zone) => ({ zone, plans: [{ name: `${name}.svc.${zone.origin}`, sets: [] }] })));
  }

  *#publishService(key: PassKey, service: ServiceKey): Iterable<void> {
    const { view, publisher, own } = this.#needs;
    const found = view.service(service);
    const cluster = found && this.#book.cluster(found.cluster);
    const zones = cluster ? this.#book.forwardOf(cluster.name) : [];
    yield* publisher.replace(key, zones.map((zone) => ({ zone, plans: found && cluster ? planService(found, zone.origin, cluster) : [] })));
    const changed = this.#pointers.set(service, found, cluster ? primaryZone(cluster) : "");
    const addresses = new Set(this.#thorough ? [...changed, ...this.#pointers.addressesOf(service)] : changed);
    for (const [i, address] of [...addresses].entries()) {
      this.#publishPointers(address);
      if (i % PER_BREATH === PER_BREATH - 1) yield;
    }
    const isBefore = (address: Address) => this.#pointers.of(address).some((pointer) => pointer.service === service);
    this.#serversMoved ||= own.some((address) => addresses.has(address) || isBefore(address));
  }

  #publishPointers(address: Address): void {
    const { publisher } = this.#needs;
    const name = reverseName(address);
    const targets = this.#pointers.targets(address);
    if (targets.length > 0) publisher.put({ name, sets: [{ type: "PTR", targets }] }, this.#book.reverseOf(name));
    else publisher.remove(name);
  }

  #finish(): void {
    const { publisher, now } = this.#needs;
    const { local } = this.#book;
    if (this.#serversMoved && local) for (const _ of this.#publishCluster(local.name)) continue;
    this.#serversMoved = false;
    this.#book.finish(publisher.takeChanged(), Math.floor(now() / 1000), (zone) => publisher.namesIn(zone));
  }
}
