import { MeshState } from "@sdn-tunnel/common/admit/mesh-state";
import type { ClusterView, Touched } from "@sdn-tunnel/common/admit/view";
import type { MeshCluster } from "@sdn-tunnel/common/mesh/mesh-cluster";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import type { MeshObject } from "@sdn-tunnel/common/objects/mesh-object";
import { arrival, departure } from "../../common/testing/objects.ts";
import type { Identity } from "../src/answers/chaos.ts";
import { Publisher } from "../src/answers/publisher.ts";
import { Responder } from "../src/answers/responder.ts";
import type { Foreign, Transport } from "../src/answers/responder.ts";
import { AnswerTable } from "../src/answers/table.ts";
import { ZONE_STATE, Zones } from "../src/answers/zones.ts";
import type { ZoneState } from "../src/answers/zones.ts";
import { keysOf } from "../src/pass-keys.ts";
import type { PassKey } from "../src/pass-keys.ts";
import { DiscoveryPass } from "../src/pass.ts";
import { encodeQuery } from "./decode.ts";

export interface ServedOptions {
  readonly ttl?: number;
  readonly own?: readonly string[];
  readonly foreign?: Foreign;
  readonly identity?: Identity;
  /** How a cluster's zones answer; live once it has synced. */
  readonly stateOf?: (cluster: ClusterView) => ZoneState;
}

/** The whole server but its sockets, over a mesh that a test changes. `east` is the local cluster. */
export class Served {
  readonly state = new MeshState("east");
  readonly table = new AnswerTable();
  readonly zones: Zones;
  readonly responder: Responder;
  readonly publisher: Publisher;
  /** Unix time in milliseconds. */
  now = 1_700_000_000_000;
  readonly #pass: DiscoveryPass;
  readonly #dirty = new Set<PassKey>();
  readonly #out = Buffer.alloc(65_535);

  constructor({ ttl = 5, own = ["10.1.0.53"], foreign, identity = {}, stateOf }: ServedOptions = {}) {
    this.zones = new Zones(ttl);
    this.publisher = new Publisher(this.table, ttl);
    this.responder = new Responder({ table: this.table, zones: this.zones, foreign, identity });
    this.#pass = new DiscoveryPass({
      view: this.state,
      zones: this.zones,
      publisher: this.publisher,
      own: own.map(parseAddress),
      stateOf: stateOf ?? (({ synced }) => (synced ? ZONE_STATE.LIVE : ZONE_STATE.UNSYNCED)),
      now: () => this.now,
      breathe: () => Promise.resolve(),
    });
  }

  clusters(...clusters: readonly MeshCluster[]): this {
    return this.touch(this.state.setClusters(clusters));
  }

  put(cluster: string, ...objects: readonly MeshObject[]): this {
    return this.touch(this.state.apply(cluster, objects.map(arrival)));
  }

  take(cluster: string, ...objects: readonly MeshObject[]): this {
    return this.touch(this.state.apply(cluster, objects.map(departure)));
  }

  synced(...clusters: readonly string[]): this {
    for (const cluster of clusters) this.touch(this.state.setSynced(cluster));
    return this;
  }

  touch(touched: Touched): this {
    for (const key of keysOf(touched)) this.#dirty.add(key);
    return this;
  }

  /** Marks a cluster whose life changed. */
  mark(cluster: string): this {
    this.#dirty.add(`cluster/${cluster}`);
    return this;
  }

  /** Brings the table up to date; `full` looks at everything. */
  async settle(full = false): Promise<this> {
    const keys = new Set(this.#dirty);
    this.#dirty.clear();
    const failed = await this.#pass.run({ full, keys }, new AbortController().signal);
    if (failed.size > 0) throw new Error([...failed].map(([key, reason]) => `${key}: ${reason}`).join("; "));
    return this;
  }

  /** The answer's bytes; empty when there is none, `undefined` when it comes later. */
  send(message: Uint8Array, transport: Transport = "udp"): Buffer | undefined {
    this.#out.fill(0xaa); // what is not written shows
    const length = this.responder.respond(message, transport, this.#out);
    return length < 0 ? undefined : Buffer.from(this.#out.subarray(0, length));
  }

  ask(name: string, type: string, { transport = "udp", size = 0 }: { transport?: Transport; size?: number } = {}): Buffer {
    const additionals = size > 0 ? [{ type: "OPT" as const, name: ".", udpPayloadSize: size, flags: 0, options: [] }] : [];
    const answer = this.send(encodeQuery({ questions: [{ name, type: type as "A" }], additionals: additionals as never }), transport);
    if (!answer) throw new Error(`${name} ${type} was left for later`);
    return answer;
  }
}
