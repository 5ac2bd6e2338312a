import { CommonError } from "../errors.ts";
import { attributesOf } from "../kernel/attributes.ts";
import type { NetlinkDoor } from "../kernel/door.ts";
import type { Transaction } from "./transaction.ts";

/** NFNL_SUBSYS_NFTABLES with NFT_MSG_GETGEN, and NFTA_GEN_ID (linux/netfilter/nf_tables.h). */
const [GET_GENERATION, GENERATION_ID] = [0xa10, 1];
/** Bytes of struct nfgenmsg (linux/netfilter/nfnetlink.h). */
const HEADER = 4;
/** Transactions that are kept in mind; one that was forgotten may have been about anything, and costs a reading. */
const KEPT = 4096;

/**
 * The number by which the nftables ruleset of this network namespace goes: every transaction that changes it, whoever
 * makes it, counts one on.
 *
 * @throws {CommonError} NETLINK_REFUSED, NETLINK_UNREADABLE
 */
export async function readGeneration(netfilter: Pick<NetlinkDoor, "request">): Promise<number> {
  const [answer] = await netfilter.request({ type: GET_GENERATION, payload: Buffer.alloc(HEADER) }, "nft list ruleset, its generation");
  const id = attributesOf(answer?.subarray(HEADER) ?? Buffer.alloc(0)).find(({ type }) => type === GENERATION_ID)?.payload;
  if (id?.length !== 4) throw new CommonError({ code: "NETLINK_UNREADABLE", problem: "the ruleset's generation came without a number" });
  return id.readUInt32BE();
}

/** What is known of a transaction: of our own what it was about, of others what the kernel told. */
export type Change = { readonly own: string } | { readonly told: Transaction };

/** Knows which transactions led from one generation of the ruleset to another: ours, and those of others that were heard of. */
export class Ruleset {
  readonly #read: () => Promise<number>;
  /** By the generation that each made. */
  readonly #own = new Map<number, string>();
  readonly #told = new Map<number, Transaction>();

  /** @param read from `readGeneration()` */
  constructor(read: () => Promise<number>) {
    this.#read = read;
  }

  /** `undefined` when the kernel does not say: then nobody can know whether anything changed. */
  async generation(): Promise<number | undefined> {
    return await this.#read().catch(() => undefined);
  }

  /**
   * Runs what makes at most one transaction. The generation after it is ours if it is the next one: had somebody
   * else come in between, there would be two.
   *
   * @param what the table or chains that it changes, and nothing else
   * @returns with `at`, the generation that it made; absent when that is not certain
   */
  async transact<T>(what: string, write: () => Promise<T>): Promise<{ readonly value: T; readonly at?: number }> {
    const before = await this.generation();
    const value = await write();
    const after = await this.generation();
    if (before === undefined || after !== next(before)) return { value };
    keep(this.#own, after, what);
    return { value, at: after };
  }

  /** Whether we made the transaction that led to this generation. */
  isOwn(generation: number): boolean {
    return this.#own.has(generation);
  }

  /** Takes note of a transaction that the kernel told of. */
  hear(transaction: Transaction): void {
    keep(this.#told, transaction.generation, transaction);
  }

  /** Notices were lost: of what was told, a part may be missing. */
  forgetTold(): void {
    this.#told.clear();
  }

  /** Whether all that led from one generation to another is known, and is nothing that `concerns` holds for. */
  isUntouched(from: number | undefined, to: number | undefined, concerns: (change: Change) => boolean): boolean {
    if (from === undefined || to === undefined) return false;
    for (let at = from, steps = 0; at !== to; at = next(at), steps++) {
      const change = this.#changeTo(next(at));
      if (steps > KEPT || change === undefined || concerns(change)) return false;
    }
    return true;
  }

  #changeTo(generation: number): Change | undefined {
    const [own, told] = [this.#own.get(generation), this.#told.get(generation)];
    if (own !== undefined) return { own };
    return told && { told };
  }
}

function keep<T>(map: Map<number, T>, generation: number, value: T): void {
  map.set(generation, value);
  for (const old of map.keys()) if (map.size > KEPT) map.delete(old);
}

/** 32 bits, and never 0 (nf_tables_commit() in the kernel's nf_tables_api.c). */
const next = (generation: number): number => (generation === 0xffff_ffff ? 1 : generation + 1);
