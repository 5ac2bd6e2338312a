import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@sdn-tunnel/common/daemon/files";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import { remotePrefixesIn } from "./listing.ts";
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
}

/** Keeps the packet rules as wanted. Writes only when something differs, also over a restart of the daemon. */
export class PacketKeeper {
  readonly #rules: PacketRules;
  readonly #file: string;
  #written: Written | undefined;

  constructor(rules: PacketRules, runDir: string) {
    this.#rules = rules;
    this.#file = join(runDir, "packets.json");
  }

  /** The table for `context` alone. */
  render(context: PacketContext): string {
    return renderPackets(context);
  }

  /** The table that is wanted, given what is there: remote prefixes that may not be removed yet stay. */
  async plan(context: PacketContext, mayRemove: (prefix: Prefix) => boolean): Promise<PacketPlan> {
    const listing = await this.#rules.list();
    const held = remotePrefixesIn(listing ?? "").filter((prefix) => !mayRemove(prefix));
    const table = renderPackets({ ...context, remotePrefixes: [...new Set([...context.remotePrefixes, ...held])] });
    this.#written ??= await this.#remembered();
    const current = listing !== undefined && this.#written?.table === table && this.#written.listing === listing;
    return { table, current, first: listing === undefined };
  }

  /** Writes the table unless it is there as wanted. */
  async ensure(context: PacketContext, mayRemove: (prefix: Prefix) => boolean): Promise<{ written: boolean; first: boolean }> {
    const { table, current, first } = await this.plan(context, mayRemove);
    if (current) return { written: false, first: false };
    this.#written = { table, listing: await this.#rules.replace(table) };
    await mkdir(join(this.#file, ".."), { recursive: true });
    await writeFileAtomically(this.#file, JSON.stringify(this.#written));
    return { written: true, first };
  }

  async #remembered(): Promise<Written | undefined> {
    try {
      return JSON.parse(await readFile(this.#file, "utf8")) as Written;
    } catch {
      return undefined; // then the table is written once more, in one transaction
    }
  }
}
