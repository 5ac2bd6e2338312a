import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@sdn-tunnel/common/daemon/files";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import { Remembered } from "@sdn-tunnel/common/netfilter/remembered";
import type { Change, Ruleset } from "@sdn-tunnel/common/netfilter/ruleset";
import { remotePrefixesIn } from "./listing.ts";
import { TABLE } from "./packet-rules.ts";
import type { PacketRules } from "./packet-rules.ts";
import { renderPackets } from "./plan.ts";
import type { PacketContext } from "./plan.ts";

/** What was written last, and how the tool printed it then: printing differs from version to version. */
interface Written {
  readonly table: string;
  readonly listing: string;
}

export interface PacketPlan {
  /** The table as it should be. */
  readonly table: string;
  /** It is there just so. */
  readonly current: boolean;
  /** There is none yet: connections may have bindings from before the exemption. */
  readonly first: boolean;
  /** Remote prefixes of the table: those of the context, and those that may not be removed yet. */
  readonly remote: readonly Prefix[];
}

const concernsTable = (change: Change): boolean => ("own" in change ? change.own === TABLE : change.told.tables.has(TABLE));

/** What `ensure()` did. */
export interface PacketsEnsured extends Pick<PacketPlan, "first" | "remote"> {
  readonly written: boolean;
  /** It stood there as wanted before, and somebody else changed or removed it. */
  readonly restored: boolean;
}

/** Keeps the packet rules as wanted. Writes only when something differs, also over a restart of the daemon. */
export class PacketKeeper {
  readonly #rules: PacketRules;
  readonly #file: string;
  readonly #ruleset: Ruleset;
  readonly #listed: Remembered<string | undefined>;
  #written: Written | undefined;
  /** The table as this process last saw it stand. */
  #standing: string | undefined;

  constructor(rules: PacketRules, runDir: string, ruleset: Ruleset) {
    this.#rules = rules;
    this.#file = join(runDir, "packets.json");
    this.#ruleset = ruleset;
    this.#listed = new Remembered(ruleset, concernsTable, () => rules.list());
  }

  /** The table for `context` alone. */
  render(context: PacketContext): string {
    return renderPackets(context);
  }

  /** The table that is wanted, given what is there: remote prefixes that may not be removed yet stay. */
  async plan(context: PacketContext, mayRemove: (prefix: Prefix) => boolean): Promise<PacketPlan> {
    const listing = await this.#listed.get();
    const held = remotePrefixesIn(listing ?? "").filter((prefix) => !mayRemove(prefix));
    const table = renderPackets({ ...context, remotePrefixes: [...new Set([...context.remotePrefixes, ...held])] });
    this.#written ??= await this.#remembered();
    const current = listing !== undefined && this.#written?.table === table && this.#written.listing === listing;
    return { table, current, first: listing === undefined, remote: remotePrefixesIn(table) };
  }

  /** Writes the table unless it is there as wanted. */
  async ensure(context: PacketContext, mayRemove: (prefix: Prefix) => boolean): Promise<PacketsEnsured> {
    const { table, current, first, remote } = await this.plan(context, mayRemove);
    const restored = !current && this.#standing === table;
    if (!current) await this.#write(table);
    this.#standing = table;
    return { written: !current, first: !current && first, restored, remote };
  }

  async #write(table: string): Promise<void> {
    const { value: listing, at } = await this.#ruleset.transact(TABLE, () => this.#rules.replace(table));
    this.#listed.put(listing, at);
    this.#written = { table, listing };
    await mkdir(join(this.#file, ".."), { recursive: true });
    await writeFileAtomically(this.#file, JSON.stringify(this.#written));
  }

  async #remembered(): Promise<Written | undefined> {
    try {
      return JSON.parse(await readFile(this.#file, "utf8")) as Written;
    } catch {
      return undefined; // then the table is written once more, in one transaction
    }
  }
}
