import type { Address } from "@sdn-tunnel/common/net/address";

/** A node that can be probed. */
export interface ProbeTarget {
  readonly node: string;
  /** Where it answers, at most one per family. */
  readonly addresses: readonly Address[];
}

export interface SilenceOptions {
  /** Milliseconds between two rounds of probes. */
  readonly intervalMs: number;
  /** Milliseconds of silence of all nodes until a cluster is dead. */
  readonly deadAfterMs: number;
}

/**
 * Decides from probes whether a cluster is dead. One node is asked per round; once it is silent the others are
 * asked in turn, so many per round that all were asked before the cluster may be called dead. A cluster without
 * nodes is not dead: nobody can know.
 */
export class Silence {
  #lastHeard: number;
  /** The node that answered last, or was asked last. */
  #current: string | undefined;
  /** Nodes asked since somebody was heard. */
  readonly #asked = new Set<string>();

  /** @param now Unix time in milliseconds; until something is heard, silence counts from here */
  constructor(now: number) {
    this.#lastHeard = now;
  }

  /** The nodes to ask in this round. */
  next(targets: readonly ProbeTarget[], { intervalMs, deadAfterMs }: SilenceOptions): readonly ProbeTarget[] {
    if (targets.length === 0) return [];
    const current = targets.findIndex(({ node }) => node === this.#current);
    const silent = this.#current !== undefined && this.#asked.has(this.#current);
    const count = silent ? Math.min(targets.length, Math.ceil((targets.length * intervalMs) / deadAfterMs)) : 1;
    const from = silent ? current + 1 : Math.max(current, 0);
    const chosen = Array.from({ length: count }, (_, i) => targets[(from + i) % targets.length] as ProbeTarget);
    for (const { node } of chosen) this.#asked.add(node);
    this.#current = chosen.at(-1)?.node;
    return chosen;
  }

  /** A node answered. */
  heard(node: string, now: number): void {
    this.#lastHeard = now;
    this.#current = node;
    this.#asked.clear();
  }

  /** True once every node was asked in vain and nothing was heard for long enough. */
  isDead(targets: readonly ProbeTarget[], now: number, { deadAfterMs }: SilenceOptions): boolean {
    if (targets.length === 0) {
      this.#lastHeard = now;
      return false;
    }
    return now - this.#lastHeard >= deadAfterMs && targets.every(({ node }) => this.#asked.has(node));
  }
}
