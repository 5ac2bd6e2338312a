import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { CommonError } from "@sdn-tunnel/common/errors";
import { TunnelError } from "../errors.ts";
import { TABLE } from "./packet-rules.ts";
import type { PacketRules } from "./packet-rules.ts";

/** A listing from the table's name to the brace that closes it, at the beginning of a line. */
const WHOLE = new RegExp(`^table ${TABLE} \\{[^]*\\n\\}\\s*$`, "m");
/** What nft(8) says of a table that is not there; a dynamic linker's words are not it. */
const ABSENT = /^Error: No such file or directory/m;

/** The table by nft(8). */
export class NftPacketRules implements PacketRules {
  readonly #commands: CommandRunner;

  constructor(commands: CommandRunner) {
    this.#commands = commands;
  }

  async list(): Promise<string | undefined> {
    const listing = await this.#commands.run(["nft", "list", "table", ...(TABLE.split(" ") as [string, string])]).catch((error: unknown) => {
      if (ABSENT.test(stderrOf(error))) return undefined;
      throw explain(error, `list table ${TABLE}`);
    });
    // Prefixes may be held that are in the listing alone: of half of it nothing is believed.
    if (listing !== undefined && !WHOLE.test(listing)) throw new CommonError({ code: "LISTING_UNREADABLE", what: `table ${TABLE}`, problem: `it ends with ${JSON.stringify(listing.slice(-40))}` });
    return listing;
  }

  async replace(table: string): Promise<string> {
    // `add` first, since deleting what is not there would fail the transaction.
    await this.#run(`add table ${TABLE}\ndelete table ${TABLE}\n${table}`, `write table ${TABLE}`);
    return (await this.list()) ?? "";
  }

  async remove(): Promise<void> {
    await this.#run(`add table ${TABLE}\ndelete table ${TABLE}\n`, `remove table ${TABLE}`);
  }

  async #run(input: string, operation: string): Promise<void> {
    await this.#commands.run(["nft", "-f", "-"], { input }).catch((error: unknown) => {
      throw explain(error, operation);
    });
  }
}

function stderrOf(error: unknown): string {
  return error instanceof CommonError && error.fault.code === "COMMAND_FAILED" ? error.fault.stderr : "";
}

function explain(error: unknown, operation: string): unknown {
  const stderr = stderrOf(error);
  if (!/Operation not permitted|Permission denied/.test(stderr)) return error;
  return new TunnelError({ code: "NO_PERMISSION", operation, reason: `nft answers "${stderr.split("\n")[0]}"` }, { cause: error });
}
