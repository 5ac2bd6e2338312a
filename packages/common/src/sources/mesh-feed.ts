import { resolve } from "node:path";
import type { Refusal } from "../admit/refusal.ts";
import { MeshState } from "../admit/mesh-state.ts";
import type { Touched } from "../admit/view.ts";
import type { Log } from "../daemon/log.ts";
import type { Clock } from "../loop/clock.ts";
import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import type { MeshKind, ObjectKey } from "../objects/mesh-object.ts";
import type { Node } from "../objects/node.ts";
import { ClusterFeed } from "./cluster-feed.ts";
import { DirectorySource } from "./directory.ts";
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
  readonly #local: ClusterFeed;
  readonly #remotes = new Map<string, ClusterFeed>();
  readonly #clusters = new Map<ObjectKey, MeshCluster>();
  readonly #nodes = new Map<string, Node>();
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
    return this.#nodes.get(name);
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

  /** Refusals that are equal on all nodes, and clusters whose source this build cannot read. */
  *refusals(): Iterable<Refusal> {
    yield* this.state.refusals();
    for (const { name, local, config } of this.state.clusters.values())
      if (!local && config.source?.directory === undefined)
        yield { cluster: name, object: `MeshCluster ${name}`, reason: "Invalid", detail: "spec.source: this release reads `directory` only" };
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
    if (cluster === this.#options.clusterName && this.#takeLocal(changes)) this.#reconfigure();
    this.#tell(this.state.apply(cluster, changes));
  }

  /** Keeps what only the local folder may say; returns whether a MeshCluster changed. */
  #takeLocal(changes: readonly ObjectChange[]): boolean {
    let clustersChanged = false;
    for (const { key, object } of changes) {
      const [kind, , name = ""] = key.split("/");
      if (kind === "MeshCluster") clustersChanged = true;
      if (object?.kind === "MeshCluster") this.#clusters.set(key, object);
      else if (object?.kind === "Node") this.#nodes.set(name, object);
      else if (kind === "MeshCluster") this.#clusters.delete(key);
      else if (kind === "Node") this.#nodes.delete(name);
    }
    return clustersChanged;
  }

  #reconfigure(): void {
    this.#tell(this.state.setClusters(this.#clusters.values()));
    // The local objects may have come before their MeshCluster, or with it: give them all.
    const known = [...this.#local.objects].map(([key, object]) => ({ key, object }));
    this.#tell(this.state.apply(this.#options.clusterName, known));
    if (this.#local.synced) this.#tell(this.state.setSynced(this.#options.clusterName));
    for (const [name, feed] of this.#remotes) {
      if (this.state.clusters.has(name)) continue;
      feed.stop();
      this.#remotes.delete(name);
    }
    for (const { name, local, config } of this.state.clusters.values()) {
      const folder = config.source?.directory;
      if (local || folder === undefined) continue;
      const feed = this.#remotes.get(name) ?? new ClusterFeed(this.#sinkOf(name), this.#options.log);
      this.#remotes.set(name, feed);
      if (feed.origin !== folder) void feed.follow(this.#directory(folder, remoteKinds), this.#signal, folder);
    }
  }

  #tell(touched: Touched): void {
    for (const listener of this.#listeners) listener(touched);
  }
}
