import type { PacketRules } from "./packet-rules.ts";

/** The table in memory; prints it with other white space than it was written with, as nft(8) does. */
export class FakePacketRules implements PacketRules {
  #table: string | undefined;
  /** How often the table was written. */
  writes = 0;

  async list(): Promise<string | undefined> {
    return this.#table?.replaceAll(/^ +/gm, (spaces) => "\t".repeat(spaces.length / 2));
  }

  async replace(table: string): Promise<string> {
    if ((table.match(/\{/g) ?? []).length !== (table.match(/\}/g) ?? []).length) throw new Error("syntax error, unexpected end of file");
    this.#table = table;
    this.writes += 1;
    return (await this.list()) ?? "";
  }

  async remove(): Promise<void> {
    this.#table = undefined;
  }
}
