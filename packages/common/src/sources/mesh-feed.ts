import { relative, resolve } from "node:path";
import type { Refusal } from "../admit/refusal.ts";
import { MeshState } from "../admit/mesh-state.ts";
import type { Touched } from "../admit/view.ts";
import type { Log } from "../daemon/log.ts";
import type { Clock } from "../loop/clock.ts";
import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import type { MeshKind } from "../objects/mesh-object.ts";
import type { Node } from "../objects/node.ts";
import { ClusterFeed } from "./cluster-feed.ts";
import { DirectorySource } from "./directory.ts";
import { LocalObjects } from "./local-objects.ts";
import type { ObjectChange, SourceHealth } from "./source.ts";

/** MeshClusters are read from the local folder only: nobody else may say what a cluster may claim. */
const localKinds: ReadonlySet<MeshKind> = new Set(["MeshCluster", "MeshNode", "Service", "EndpointSlice", "Namespace", "Node"]);
const remoteKinds: ReadonlySet<MeshKind> = new Set(["MeshNode", "Service", "EndpointSlice", "Namespace"]);

export interface MeshFeedOptions {
  /** Folder of the local cluster. */
  readonly source: string;
  readonly clusterName: string;
  readonly log: Log;
  readonly clock: Clock;
}

/** Keeps a `MeshState` fed: the local folder, and for each admitted remote cluster its own source. */
export class MeshFeed {
  readonly state: MeshState;
  readonly #options: MeshFeedOptions;
  readonly #listeners: ((touched: Touched) => void)[] = [];
  readonly #nodeListeners = new Map<string, () => void>();
  readonly #local: ClusterFeed;
  readonly #remotes = new Map<string, ClusterFeed>();
  readonly #localObjects = new LocalObjects();
  #signal: AbortSignal = AbortSignal.abort();

  constructor(options: MeshFeedOptions) {
    this.#options = options;
    this.state = new MeshState(options.clusterName);
    this.#local = new ClusterFeed(this.#sinkOf(options.clusterName), options.log);
  }

  /** Calls `listener` with every key whose view may have changed. */
  onTouched(listener: (touched: Touched) => void): void {
    this.#listeners.push(listener);
  }

  /** The Kubernetes Node object of the local cluster, for a node's own facts. */
  localNode(name: string): Node | undefined {
    return this.#localObjects.node(name);
  }

  /** Calls `listener` when that Node object of the local cluster came, is another or is gone: a node's own facts may be other ones. */
  onLocalNode(name: string, listener: () => void): void {
    this.#nodeListeners.set(name, listener);
  }

  /** The local folder has been read once. */
  get localSynced(): boolean {
    return this.#local.synced;
  }

  /** Why nothing can be planned yet; empty once the local cluster is known and read. */
  notReady(): string[] {
    const { source, clusterName } = this.#options;
    if (!this.#local.synced) return [`${source} is not read yet`];
    return this.state.clusters.has(clusterName) ? [] : [`${source} has no valid MeshCluster ${clusterName}, which --cluster-name asks for`];
  }

  /** How each source stands, by cluster. */
  health(): ReadonlyMap<string, SourceHealth> {
    const feeds = [[this.#options.clusterName, this.#local] as const, ...this.#remotes];
    return new Map(feeds.map(([cluster, feed]) => [cluster, feed.health]));
  }

  /** Refusals that are equal on all nodes, and clusters whose source cannot be read. */
  *refusals(): Iterable<Refusal> {
    yield* this.state.refusals();
    for (const { name, local, config } of this.state.clusters.values()) {
      if (local) continue;
      const detail = this.#objection(config);
      if (detail !== undefined) yield { cluster: name, object: `MeshCluster ${name}`, reason: "Invalid", detail };
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    await this.#local.follow(this.#directory(".", localKinds), signal);
    for (const feed of this.#remotes.values()) feed.stop();
  }

  #directory(folder: string, kinds: ReadonlySet<MeshKind>): DirectorySource {
    return new DirectorySource({ folder: resolve(this.#options.source, folder), kinds, clock: this.#options.clock });
  }

  #sinkOf(cluster: string) {
    return {
      changed: (changes: readonly ObjectChange[]) => this.#changed(cluster, changes),
      synced: () => this.#tell(this.state.setSynced(cluster)),
    };
  }

  #changed(cluster: string, changes: readonly ObjectChange[]): void {
    const local = cluster === this.#options.clusterName ? this.#localObjects.take(changes) : undefined;
    if (local?.clustersChanged) this.#reconfigure();
    this.#tell(this.state.apply(cluster, changes));
    for (const name of local?.nodes ?? []) this.#nodeListeners.get(name)?.();
  }

  #reconfigure(): void {
    const wasIn = this.state.clusters.has(this.#options.clusterName);
    this.#tell(this.state.setClusters(this.#localObjects.clusters));
    if (!wasIn) this.#feedLocal();
    for (const [name, feed] of this.#remotes) {
      if (this.state.clusters.has(name)) continue;
      feed.stop();
      this.#remotes.delete(name);
    }
    for (const { name, local, config } of this.state.clusters.values()) if (!local) this.#followRemote(name, config);
  }

  /** The local objects may have come before their MeshCluster: gives them all. */
  #feedLocal(): void {
    const { clusterName } = this.#options;
    const known = [...this.#local.objects].map(([key, object]) => ({ key, object }));
    this.#tell(this.state.apply(clusterName, known));
    if (this.#local.synced) this.#tell(this.state.setSynced(clusterName));
  }

  /** Follows a cluster's folder; one that cannot be followed any more leaves its last state in force. */
  #followRemote(name: string, config: MeshCluster): void {
    const folder = config.source?.directory;
    const feed = this.#remotes.get(name) ?? new ClusterFeed(this.#sinkOf(name), this.#options.log);
    this.#remotes.set(name, feed);
    if (folder === undefined || this.#objection(config) !== undefined) return feed.stop();
    if (feed.origin !== folder) void feed.follow(this.#directory(folder, remoteKinds), this.#signal, folder);
  }

  /** Why a remote cluster cannot be followed. */
  #objection({ source, podCIDRs }: MeshCluster): string | undefined {
    const mapped = podCIDRs.find(({ cidr, as }) => cidr !== as);
    if (mapped) return `spec.podCIDRs: ${mapped.cidr} as ${mapped.as}: this release maps serviceCIDRs only; give each cluster's pods a prefix of their own`;
    const folder = source?.directory;
    if (folder === undefined) return "spec.source: this release reads `directory` only";
    const way = relative(resolve(this.#options.source), resolve(this.#options.source, folder));
    // What lies there is read as the local cluster's own, pins and all.
    return /^\.\.(\/|$)/.test(way) ? undefined : `spec.source.directory: ${folder} lies inside the local cluster's folder; move it out`;
  }

  #tell(touched: Touched): void {
    for (const listener of this.#listeners) listener(touched);
  }
}
