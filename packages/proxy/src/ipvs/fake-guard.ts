import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { ServerKey } from "../services/server.ts";
import type { GuardChange, GuardState, GuardTable } from "./guard.ts";

/** The table in memory, as strict as the kernel: a transaction is taken as a whole or refused as a whole. */
export class FakeGuardTable implements GuardTable {
  #state: { readonly prefixes: Set<Prefix>; readonly open: Set<ServerKey> } | undefined;
  /** Changes that were taken. */
  readonly commits: GuardChange[] = [];
  foreign = false;

  async read(): Promise<GuardState | "absent" | "foreign"> {
    if (!this.#state) return this.foreign ? "foreign" : "absent";
    return { prefixes: new Set(this.#state.prefixes), open: new Set(this.#state.open) };
  }

  async commit(change: GuardChange): Promise<void> {
    const { build = false, guard = [], unguard = [], open = [], close = [] } = change;
    const before = build ? { prefixes: new Set<Prefix>(), open: new Set<ServerKey>() } : this.#state;
    if (!before) throw new Error("ENOENT: table");
    const next = { prefixes: new Set(before.prefixes), open: new Set(before.open) };
    for (const prefix of guard) next.prefixes.add(prefix);
    for (const server of close) if (!next.open.delete(server)) throw new Error(`ENOENT: ${server}`);
    for (const server of open) next.open.add(server);
    for (const prefix of unguard) if (!next.prefixes.delete(prefix)) throw new Error(`ENOENT: ${prefix}`);
    this.#state = next;
    this.commits.push(change);
  }

  /** Lets somebody else remove the table, or put another one in its place. */
  lose(foreign = false): void {
    this.#state = undefined;
    this.foreign = foreign;
  }
}
