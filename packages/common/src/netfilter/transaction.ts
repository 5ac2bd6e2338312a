import { attributesOf } from "../kernel/attributes.ts";
import { decodeMessages } from "../kernel/netlink-message.ts";
import type { NetlinkMessage } from "../kernel/netlink-message.ts";

/** What one transaction of nftables changed, as the kernel tells everybody (NFNLGRP_NFTABLES). */
export interface Transaction {
  /** The ruleset's number after it. */
  readonly generation: number;
  /** Who made it: the program's name, cut to 15 bytes, and its process. */
  readonly program: string;
  readonly pid: number;
  /** Tables of which anything changed: `inet sdn_tunnel`. */
  readonly tables: ReadonlySet<string>;
  /** Chains that came, went, or whose rules changed: `ip filter FORWARD`. */
  readonly chains: ReadonlySet<string>;
  /** Whether a base chain was made or changed. */
  readonly baseChains: boolean;
}

/** NFNL_SUBSYS_NFTABLES, and its messages (linux/netfilter/nf_tables.h). */
const SUBSYSTEM = 0xa;
const [NEW_CHAIN, DELETE_CHAIN, NEW_RULE, DELETE_RULE, NEW_GENERATION] = [3, 5, 6, 8, 15];
/** Attribute of the table in every one of them, and those of a chain and of a rule. */
const TABLE = 1;
const CHAIN = { name: 3, hook: 4 } as const;
const RULE_CHAIN = 2;
const GENERATION = { id: 1, pid: 2, name: 3 } as const;
/** Bytes of struct nfgenmsg (linux/netfilter/nfnetlink.h). */
const HEADER = 4;
/** NFPROTO_* of linux/netfilter.h, as nft(8) calls them. */
const families: Readonly<Record<number, string>> = { 1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6" };

/** Puts notices together: those of one transaction come in a row, over several datagrams, and its generation last. */
export class TransactionReader {
  #tables = new Set<string>();
  #chains = new Set<string>();
  #baseChains = false;

  /**
   * @returns the transactions that this datagram completes
   * @throws {CommonError} NETLINK_UNREADABLE
   */
  read(datagram: Buffer): Transaction[] {
    return decodeMessages(datagram).flatMap((message) => (message.type >> 8 === SUBSYSTEM ? this.#take(message) : []));
  }

  #take({ type, payload }: NetlinkMessage): Transaction[] {
    const attributes = new Map(attributesOf(payload.subarray(HEADER)).map((found) => [found.type, found.payload]));
    const message = type & 0xff;
    if (message === NEW_GENERATION) return [this.#finish(attributes)];
    const table = `${families[payload[0] ?? 0] ?? "unspec"} ${text(attributes.get(TABLE))}`;
    this.#tables.add(table);
    if (message === NEW_CHAIN || message === DELETE_CHAIN) {
      this.#chains.add(`${table} ${text(attributes.get(CHAIN.name))}`);
      this.#baseChains ||= attributes.has(CHAIN.hook);
    }
    if (message === NEW_RULE || message === DELETE_RULE) this.#chains.add(`${table} ${text(attributes.get(RULE_CHAIN))}`);
    return [];
  }

  #finish(attributes: ReadonlyMap<number, Buffer>): Transaction {
    const number = (type: number): number => (attributes.get(type)?.length === 4 ? attributes.get(type)!.readUInt32BE() : 0);
    const [tables, chains, baseChains] = [this.#tables, this.#chains, this.#baseChains];
    this.#tables = new Set();
    this.#chains = new Set();
    this.#baseChains = false;
    return { generation: number(GENERATION.id), program: text(attributes.get(GENERATION.name)), pid: number(GENERATION.pid), tables, chains, baseChains };
  }
}

/** A string of netlink: up to its first NUL. */
function text(bytes: Buffer = Buffer.alloc(0)): string {
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
}
