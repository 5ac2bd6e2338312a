import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { ServerKey } from "../services/server.ts";

/** What table `inet sdn_proxy` lets through to IPVS. */
export interface GuardState {
  /** Prefixes where a new connection that meets no open server is refused, and where nobody else translates. */
  readonly prefixes: ReadonlySet<Prefix>;
  /** Servers that take new connections. */
  readonly open: ReadonlySet<ServerKey>;
}

/** One transaction. Everything named to be added is absent before, everything to be deleted is there. */
export interface GuardChange {
  /** Lays the table out anew first, without any element. */
  readonly build?: boolean;
  readonly guard?: readonly Prefix[];
  readonly unguard?: readonly Prefix[];
  readonly open?: readonly ServerKey[];
  readonly close?: readonly ServerKey[];
}

/** The door to table `inet sdn_proxy` of the IPVS data plane. */
export interface GuardTable {
  /** `foreign` when the table is damaged, or another backend's or release's. */
  read(): Promise<GuardState | "absent" | "foreign">;
  /** Commits all of it, or nothing and rejects. */
  commit(change: GuardChange): Promise<void>;
}
