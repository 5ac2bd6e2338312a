import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
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
    // Asked by listing the names: the message of a failed `list table` depends on release and language.
    const tables = await this.#commands.run(["nft", "-j", "list", "tables"]);
    const [family, name] = TABLE.split(" ");
    const found = (JSON.parse(tables) as { nftables: { table?: { family: string; name: string } }[] }).nftables;
    if (!found.some(({ table }) => table?.family === family && table?.name === name)) return undefined;
    return parseListing(await this.#commands.run(["nft", "-j", "list", "table", ...TABLE.split(" ")], { timeoutMs: TIMEOUT_MS }));
  }

  async commit(ops: readonly NftOp[]): Promise<void> {
    if (ops.length > 0) await this.#commands.run(["nft", "-f", "-"], { input: renderScript(ops), timeoutMs: TIMEOUT_MS });
  }
}
