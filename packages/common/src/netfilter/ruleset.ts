import { CommonError } from "../errors.ts";
import { attributesOf } from "../kernel/attributes.ts";
import type { NetlinkDoor } from "../kernel/door.ts";

/** NFNL_SUBSYS_NFTABLES with NFT_MSG_GETGEN, and NFTA_GEN_ID (linux/netfilter/nf_tables.h). */
const [GET_GENERATION, GENERATION_ID] = [0xa10, 1];
/** Bytes of struct nfgenmsg (linux/netfilter/nfnetlink.h). */
const HEADER = 4;
/** Transactions of ours that are kept in mind; one that was forgotten counts as somebody else's, and costs a reading. */
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

/** Keeps apart what we do to the ruleset and what others do, by its generation. */
export class Ruleset {
  readonly #read: () => Promise<number>;
  /** What our transactions were about, by the generation that each made. */
  readonly #own = new Map<number, string>();

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
    this.#own.set(after, what);
    for (const old of this.#own.keys()) if (this.#own.size > KEPT) this.#own.delete(old);
    return { value, at: after };
  }

  /** Whether we made the transaction that led to this generation. */
  isOwn(generation: number): boolean {
    return this.#own.has(generation);
  }

  /** Whether all that led from one generation to another was ours, and was none that `concerns` holds for. */
  isUntouched(from: number | undefined, to: number | undefined, concerns: (what: string) => boolean): boolean {
    if (from === undefined || to === undefined) return false;
    for (let at = from, steps = 0; at !== to; at = next(at), steps++) {
      const what = this.#own.get(next(at));
      if (steps > KEPT || what === undefined || concerns(what)) return false;
    }
    return true;
  }
}

/** 32 bits, and never 0 (nf_tables_commit() in the kernel's nf_tables_api.c). */
const next = (generation: number): number => (generation === 0xffff_ffff ? 1 : generation + 1);
