import type { NodeKey, Touched } from "@sdn-tunnel/common/admit/view";
import type { KernelChange } from "@sdn-tunnel/common/kernel/watch";
import { NODE } from "./pass.ts";
import type { PassKey } from "./pass.ts";
import type { Catalog } from "./services/catalog.ts";

/** Where events leave their marks: the loop. */
export interface Marks {
  mark(keys: Iterable<PassKey>): void;
  markAll(): void;
}

/** Turns what happens into keys to look at again. */
export class Events {
  readonly #marks: Marks;
  readonly #catalog: Catalog;

  constructor(marks: Marks, catalog: Catalog) {
    this.#marks = marks;
    this.#catalog = catalog;
  }

  /** Something was published. A cluster's own change may concern each of its Services. */
  published({ clusters, nodes, services }: Touched): void {
    if (clusters.size > 0) return this.#marks.markAll();
    this.#marks.mark([...services, ...nodes]);
  }

  /** This node's own Node object is another: its pod prefixes may be. */
  localNodeChanged(): void {
    this.#marks.markAll();
  }

  /** Nodes went down or came up: only Services with endpoints there are concerned. */
  healthChanged(nodes: Iterable<NodeKey>): void {
    for (const node of nodes) this.#marks.mark(this.#catalog.servicesOn(node));
  }

  /** Somebody else changed links, routes or rules: ours may be gone, and what the node needs may be another. */
  kernelChanged(change: KernelChange): void {
    if (change.kind !== "ours" || change.table !== 5555) this.#marks.mark([NODE]);
  }
}
