import type { Address, Family } from "@sdn-tunnel/common/net/address";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { ServerKey, VirtualServer } from "./server.ts";

/** What a load balancer holds. */
export interface BackendState {
  /** Guarded prefixes: a new connection into one that meets no virtual server is refused at once. */
  readonly prefixes: ReadonlySet<Prefix>;
  /**
   * Virtual servers. In what a kernel was read to hold, one without targets stands for remains that balance nothing;
   * nobody wants such a server.
   */
  readonly servers: ReadonlyMap<ServerKey, VirtualServer>;
}

export type Change =
  | { readonly kind: "add-prefix"; readonly prefix: Prefix }
  | { readonly kind: "delete-prefix"; readonly prefix: Prefix }
  | { readonly kind: "set-server"; readonly key: ServerKey; readonly before: VirtualServer | undefined; readonly after: VirtualServer }
  | { readonly kind: "delete-server"; readonly key: ServerKey; readonly before: VirtualServer };

export interface ChangeFailure {
  readonly change: Change;
  readonly reason: string;
}

export interface Applied {
  readonly done: readonly Change[];
  readonly failed: readonly ChangeFailure[];
}

/** The load balancer of this node's kernel: one adapter per kind. Only what is ours is visible through it. */
export interface Backend {
  readonly name: "nftables" | "ipvs";
  /** Whether it can choose targets in other ways than by turns or chance. */
  readonly schedulers: boolean;
  /**
   * How routes lead to virtual addresses: `local` ones to the node itself, for everybody, or `unicast` ones for
   * processes of the node, whose packets need any route to get as far as the translation.
   */
  readonly vipRoutes: "local" | "unicast";
  /** Is told this node's own mesh addresses, at most one per family, before changes are applied. */
  setOwnAddresses?(own: ReadonlyMap<Family, Address>): void;
  /** Reads the kernel, so that a restart adopts what the last process left behind. */
  list(): Promise<BackendState>;
  /** Whether the kernel certainly still holds what was last listed and acknowledged since: then it need not be listed. */
  isUnchanged?(): Promise<boolean>;
  /**
   * Applies changes that were made against the last state that was listed or acknowledged. What the kernel refuses
   * is returned, and does not stop the rest.
   */
  apply(changes: readonly Change[]): Promise<Applied>;
  /** Finishes what takes its time: connections that were let go on. */
  reap?(): Promise<void>;
  /** The changes as a human would type them, for a kernel that holds nothing of ours. */
  show(changes: readonly Change[]): string;
  /** Removes everything of ours; nothing there is no error. */
  remove(): Promise<void>;
}

/** A kernel that holds nothing of ours. */
export const nothing: BackendState = { prefixes: new Set(), servers: new Map() };
