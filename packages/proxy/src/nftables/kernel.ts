import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { readObjects } from "@sdn-tunnel/common/netfilter/objects";
import { parseListing } from "./parse.ts";
import { renderScript } from "./render.ts";
import { TABLE } from "./skeleton.ts";
import type { NftOp, NftTable, TableDump } from "./table.ts";

/** A cold start with many thousands of servers takes seconds on a slow machine. */
const TIMEOUT_MS = 120_000;

/** The table in the kernel of this network namespace, by nft(8). */
export class KernelNftTable implements NftTable {
  readonly #commands: CommandRunner;

  constructor(commands: CommandRunner) {
    this.#commands = commands;
  }

  async read(): Promise<TableDump | undefined> {
    try {
      const listing = await this.#commands.run(["nft", "-j", "list", "table", ...TABLE.split(" ")], { timeoutMs: TIMEOUT_MS });
      return parseListing(listing);
    } catch (error) {
      if (await this.#exists()) throw error;
      return undefined;
    }
  }

  async commit(ops: readonly NftOp[]): Promise<void> {
    if (ops.length > 0) await this.#commands.run(["nft", "-f", "-"], { input: renderScript(ops), timeoutMs: TIMEOUT_MS });
  }

  /** Asked by the names of tables: the message of a failed `list table` depends on release and language. */
  async #exists(): Promise<boolean> {
    const [family, name] = TABLE.split(" ");
    const listing = await this.#commands.run(["nft", "-j", "list", "tables"]);
    const tables = readObjects(listing, "tables") as readonly { readonly table?: { readonly family: string; readonly name: string } }[];
    return tables.some(({ table }) => table?.family === family && table?.name === name);
  }
}
