import { wasInterrupted } from "@sdn-tunnel/common/daemon/command";
import { messageOf } from "@sdn-tunnel/common/errors";
import type { Ruleset } from "@sdn-tunnel/common/netfilter/ruleset";
import type { Applied, Backend, BackendState, Change, ChangeFailure } from "../services/backend.ts";
import type { ServerKey } from "../services/server.ts";
import type { Footprint } from "./footprint.ts";
import { planChange } from "./plan.ts";
import { renderScript } from "./render.ts";
import { readState } from "./state.ts";
import { TABLE } from "./skeleton.ts";
import type { NftTable } from "./table.ts";

/**
 * Operations that fit into one message of 400 kB, which is all that a user namespace may send. As root of the
 * machine a transaction may have any size, so the whole is tried first.
 */
const SAFE_OPS = 1500;
/** Transactions that one `apply()` may spend on finding out which changes the kernel refuses. */
const MAX_SPLITS = 64;

/** Balances by nftables: one transaction per batch of changes. */
export class NftablesBackend implements Backend {
  readonly name = "nftables";
  readonly schedulers = false;
  readonly vipRoutes = "unicast";
  readonly #table: NftTable;
  readonly #ruleset: Pick<Ruleset, "generation" | "isUntouched"> | undefined;
  /** The ruleset's generation when it was listed. */
  #listedAt: number | undefined;
  #intact = false;
  /** There is a table, but not one that can be used. */
  #damaged = false;
  #remains = new Map<ServerKey, Footprint>();

  /** @param ruleset knows our own transactions; without, the table is listed whenever it is asked for */
  constructor(table: NftTable, ruleset?: Pick<Ruleset, "generation" | "isUntouched">) {
    this.#table = table;
    this.#ruleset = ruleset;
  }

  async isUnchanged(): Promise<boolean> {
    const now = await this.#ruleset?.generation();
    const unchanged = this.#ruleset?.isUntouched(this.#listedAt, now, (change) => "told" in change && change.told.tables.has(TABLE)) ?? false;
    if (unchanged) this.#listedAt = now;
    return unchanged;
  }

  async list(): Promise<BackendState> {
    this.#listedAt = await this.#ruleset?.generation();
    const dump = await this.#table.read();
    const state = readState(dump);
    this.#intact = state.intact;
    this.#damaged = dump !== undefined && !state.intact;
    this.#remains = new Map(state.remains);
    return state;
  }

  async apply(changes: readonly Change[]): Promise<Applied> {
    const done: Change[] = [];
    const failed: ChangeFailure[] = [];
    const queue: (readonly Change[])[] = changes.length > 0 || this.#damaged ? [changes] : [];
    let splits = MAX_SPLITS;
    for (let batch = queue.shift(); batch; batch = queue.shift()) {
      try {
        await this.#commit(batch);
        done.push(...batch);
      } catch (error) {
        if (batch.length === 0) throw error; // a damaged table that could not be built anew concerns no change
        // A transaction is refused as a whole: divide it until the culprits stand alone. A tool that was killed, or
        // does not answer, names no culprit: what there is is read again before anything else is tried.
        const interrupted = wasInterrupted(error);
        if (batch.length > 1 && !interrupted && splits-- > 0) queue.unshift(...this.#divide(batch));
        else failed.push(...[...batch, ...(interrupted ? queue.splice(0).flat() : [])].map((change) => ({ change, reason: messageOf(error) })));
      }
    }
    return { done, failed };
  }

  show(changes: readonly Change[]): string {
    return renderScript([{ kind: "build" }, ...changes.flatMap((change) => planChange(change, new Map()))]);
  }

  async remove(): Promise<void> {
    await this.#table.commit([{ kind: "drop" }]);
    this.#intact = false;
    this.#damaged = false;
    this.#remains.clear();
  }

  #divide(changes: readonly Change[]): (readonly Change[])[] {
    const sizes = changes.map((change) => planChange(change, this.#remains).length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const parts = Math.min(changes.length, Math.max(2, Math.ceil(total / SAFE_OPS)));
    const length = Math.ceil(changes.length / parts);
    return Array.from({ length: Math.ceil(changes.length / length) }, (_, i) => changes.slice(i * length, (i + 1) * length));
  }

  async #commit(changes: readonly Change[]): Promise<void> {
    const ops = changes.flatMap((change) => planChange(change, this.#remains));
    await this.#table.commit(this.#intact ? ops : [{ kind: "build" }, ...ops]);
    this.#intact = true;
    this.#damaged = false;
    for (const change of changes) if ("key" in change) this.#remains.delete(change.key);
  }
}
