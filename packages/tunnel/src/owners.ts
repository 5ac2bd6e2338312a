import type { NodeKey } from "@sdn-tunnel/common/admit/view";

/** Which node a peer or a route is there for, found from either side. */
export class Owners<K> {
  readonly #byItem = new Map<K, NodeKey>();
  readonly #byNode = new Map<NodeKey, Set<K>>();

  of(item: K): NodeKey | undefined {
    return this.#byItem.get(item);
  }

  items(nodes: Iterable<NodeKey>): K[] {
    return [...nodes].flatMap((node) => [...(this.#byNode.get(node) ?? [])]);
  }

  set(item: K, node: NodeKey | undefined): void {
    const before = this.#byItem.get(item);
    if (before === node) return;
    if (before !== undefined) {
      const siblings = this.#byNode.get(before);
      siblings?.delete(item);
      if (siblings?.size === 0) this.#byNode.delete(before);
      this.#byItem.delete(item);
    }
    if (node === undefined) return;
    this.#byItem.set(item, node);
    this.#byNode.set(node, (this.#byNode.get(node) ?? new Set()).add(item));
  }

  /** Forgets items that are not in `present`. */
  retain(present: { has(item: K): boolean }): void {
    for (const item of [...this.#byItem.keys()]) if (!present.has(item)) this.set(item, undefined);
  }
}
