import type { Multicast } from "../kernel/multicast.ts";
import type { Clock } from "../loop/clock.ts";
import type { Ruleset } from "./ruleset.ts";
import { TransactionReader } from "./transaction.ts";
import type { Transaction } from "./transaction.ts";

/** NETLINK_NETFILTER of linux/netlink.h, and NFNLGRP_NFTABLES of linux/netfilter/nfnetlink.h. */
const [PROTOCOL, GROUP] = [12, 7];
/** Milliseconds that a burst of transactions may gather, and between two looks at what they did. */
const [GATHER_MS, EVERY_MS] = [100, 1000];

export interface WatchNeeds {
  readonly multicast: Multicast;
  readonly clock: Clock;
  /** Whether a transaction may be a reason to look again. */
  readonly concerns: (transaction: Transaction) => boolean;
  /** Hears of every transaction. Whether we made one is asked when the burst has gathered: its notice may come before our tool's end. */
  readonly ruleset: Pick<Ruleset, "hear" | "forgetTold" | "isOwn">;
  /** Time to look again: after these transactions, or, `undefined`, after notices were lost. At most once a second. */
  readonly look: (transactions: readonly Transaction[] | undefined) => void;
}

/**
 * Tells at once that somebody else changed what we look after in nftables, until `signal` aborts.
 *
 * Nobody is disturbed by what others do to their own tables, however often. What concerns us is gathered for a tenth
 * of a second, and looked at once a second at most, so that nobody can keep us busy either.
 */
export function watchRuleset(needs: WatchNeeds, signal: AbortSignal): void {
  if (signal.aborted) return;
  const burst = new Burst(needs, signal);
  const reader = new TransactionReader();
  const socket = needs.multicast.listenTo(PROTOCOL, [GROUP]);
  socket.on("message", (datagram) => {
    try {
      for (const transaction of reader.read(datagram)) {
        needs.ruleset.hear(transaction);
        if (needs.concerns(transaction)) burst.add(transaction);
      }
    } catch {
      burst.lose(); // a notice that cannot be read may have been about anything
    }
  });
  // Notices come too fast to be read (ENOBUFS), or the listener only begins.
  socket.on("error", () => burst.lose());
  signal.addEventListener("abort", () => socket.close(), { once: true });
}

/** Transactions that wait to be looked at. */
class Burst {
  readonly #needs: WatchNeeds;
  readonly #signal: AbortSignal;
  #transactions: Transaction[] = [];
  #lost = false;
  #waiting = false;
  #lookedAt = -Infinity;

  constructor(needs: WatchNeeds, signal: AbortSignal) {
    this.#needs = needs;
    this.#signal = signal;
  }

  add(transaction: Transaction): void {
    this.#transactions.push(transaction);
    void this.#wait();
  }

  lose(): void {
    this.#needs.ruleset.forgetTold();
    this.#lost = true;
    void this.#wait();
  }

  async #wait(): Promise<void> {
    if (this.#waiting) return;
    this.#waiting = true;
    const { clock, ruleset, look } = this.#needs;
    await clock.sleep(Math.max(GATHER_MS, this.#lookedAt + EVERY_MS - clock.now()), this.#signal);
    const foreign = this.#transactions.filter(({ generation }) => !ruleset.isOwn(generation));
    const lost = this.#lost;
    this.#transactions = [];
    this.#lost = false;
    this.#waiting = false;
    if (this.#signal.aborted || (!lost && foreign.length === 0)) return;
    this.#lookedAt = clock.now();
    look(lost ? undefined : foreign);
  }
}
