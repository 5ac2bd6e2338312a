import type { NodeKey } from "@sdn-tunnel/common/admit/view";
import type { PublicKey } from "../keys/key.ts";

/** Which nodes publish which key. A change costs what it touches. */
export class KeyClaims {
  readonly #byKey = new Map<PublicKey, Set<NodeKey>>();
  readonly #byNode = new Map<NodeKey, PublicKey>();

  /** Notes what a node publishes now; returns the other nodes whose claim is judged differently from now on. */
  set(node: NodeKey, key: PublicKey | undefined): NodeKey[] {
    const before = this.#byNode.get(node);
    if (before === key) return [];
    const others = [...this.claimants(before), ...this.claimants(key)].filter((other) => other !== node);
    if (before !== undefined) this.#byKey.get(before)?.delete(node);
    if (before !== undefined && this.claimants(before).size === 0) this.#byKey.delete(before);
    if (key === undefined) this.#byNode.delete(node);
    else {
      this.#byNode.set(node, key);
      this.#byKey.set(key, new Set([...this.claimants(key), node]));
    }
    return others;
  }

  /** Every node that claims a key. */
  nodes(): Iterable<NodeKey> {
    return this.#byNode.keys();
  }

  claimants(key: PublicKey | undefined): ReadonlySet<NodeKey> {
    return (key === undefined ? undefined : this.#byKey.get(key)) ?? new Set();
  }

  /**
   * Who may use a key: its only claimant; of several, the one that has it in the kernel. Nobody at a cold start:
   * which of them is the thief cannot be told from what they publish.
   */
  holder(key: PublicKey, inForce: NodeKey | undefined): NodeKey | undefined {
    const claimants = this.claimants(key);
    if (claimants.size === 1) return [...claimants][0];
    return inForce !== undefined && claimants.has(inForce) ? inForce : undefined;
  }
}
