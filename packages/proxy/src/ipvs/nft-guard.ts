import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import type { Address } from "@sdn-tunnel/common/net/address";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import { readObjects } from "@sdn-tunnel/common/netfilter/objects";
import { serverKey } from "../services/server.ts";
import type { ServerKey, Transport } from "../services/server.ts";
import type { GuardChange, GuardState, GuardTable } from "./guard.ts";
import { GUARD_TABLE, guardChains, renderGuard } from "./guard-script.ts";

const TIMEOUT_MS = 120_000;

/** The parts of libnftables-json(5) that the table is printed with. */
interface Listed {
  readonly table?: { readonly family: string; readonly name: string };
  readonly chain?: { readonly name: string };
  readonly rule?: { readonly chain: string };
  readonly set?: { readonly name: string; readonly elem?: readonly unknown[] };
}

/** The table in the kernel of this network namespace, by nft(8). */
export class NftGuardTable implements GuardTable {
  readonly #commands: CommandRunner;

  constructor(commands: CommandRunner) {
    this.#commands = commands;
  }

  async read(): Promise<GuardState | "absent" | "foreign"> {
    const [family = "", name = ""] = GUARD_TABLE.split(" ");
    const tables = await this.#list(["tables"]);
    if (!tables.some(({ table }) => table?.family === family && table.name === name)) return "absent";
    return readGuard(await this.#list(["table", family, name], "table"));
  }

  async commit(change: GuardChange): Promise<void> {
    const input = renderGuard(change);
    if (input !== "") await this.#commands.run(["nft", "-f", "-"], { input, timeoutMs: TIMEOUT_MS });
  }

  async #list(what: readonly string[], object?: string): Promise<readonly Listed[]> {
    const listing = await this.#commands.run(["nft", "-j", "list", ...what], { timeoutMs: TIMEOUT_MS });
    return readObjects(listing, what.join(" "), object);
  }
}

function readGuard(nftables: readonly Listed[]): GuardState | "foreign" {
  const rules = new Map(nftables.flatMap(({ chain }) => (chain ? [[chain.name, 0] as [string, number]] : [])));
  for (const { rule } of nftables) if (rule) rules.set(rule.chain, (rules.get(rule.chain) ?? 0) + 1);
  if (rules.size !== guardChains.size || ![...guardChains].every(([name, count]) => rules.get(name) === count)) return "foreign";
  const elementsOf = (names: readonly string[]): unknown[] => nftables.flatMap(({ set }) => (set && names.includes(set.name) ? (set.elem ?? []) : []));
  return { prefixes: new Set(elementsOf(["cidrs4", "cidrs6"]).map(readPrefix)), open: new Set(elementsOf(["svcs4", "svcs6"]).map(readSocket)) };
}

/** nft prints a prefix of full length as a plain address. */
function readPrefix(element: unknown): Prefix {
  const { prefix } = (typeof element === "object" ? element : {}) as { prefix?: { addr: string; len: number } };
  if (prefix) return `${prefix.addr}/${prefix.len}` as Prefix;
  return `${String(element)}/${String(element).includes(":") ? 128 : 32}` as Prefix;
}

function readSocket(element: unknown): ServerKey {
  const [address, transport, port] = (element as { concat: [Address, Transport, number] }).concat;
  return serverKey({ transport, address, port });
}
