import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { CommonError } from "@sdn-tunnel/common/errors";
import { TunnelError } from "../errors.ts";
import { TABLE } from "./packet-rules.ts";
import type { PacketRules } from "./packet-rules.ts";

/** The table by nft(8). */
export class NftPacketRules implements PacketRules {
  readonly #commands: CommandRunner;

  constructor(commands: CommandRunner) {
    this.#commands = commands;
  }

  async list(): Promise<string | undefined> {
    try {
      return await this.#commands.run(["nft", "list", "table", ...(TABLE.split(" ") as [string, string])]);
    } catch (error) {
      if (stderrOf(error).includes("No such file or directory")) return undefined;
      throw explain(error, `list table ${TABLE}`);
    }
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
