import { showRoutingOp } from "@sdn-tunnel/common/kernel/route";
import type { RoutingOp, RoutingTable } from "@sdn-tunnel/common/kernel/route";
import type { Conntrack } from "./conntrack/conntrack.ts";
import { nothing } from "./services/backend.ts";
import type { Backend, Change } from "./services/backend.ts";

/** Stands in for a kernel that holds nothing of ours, and notes what a pass would do to it: for `--dry-run`. */
export class Rehearsal {
  readonly #show: Backend["show"];
  readonly #changes: Change[] = [];
  readonly #routingOps: RoutingOp[] = [];

  constructor(backend: Pick<Backend, "show">) {
    this.#show = (changes) => backend.show(changes);
  }

  readonly backend: Backend = {
    name: "nftables",
    list: async () => nothing,
    apply: async (changes) => {
      this.#changes.push(...changes);
      return { done: changes, failed: [] };
    },
    show: (changes) => this.#show(changes),
    remove: async () => {},
  };

  readonly routing: RoutingTable = {
    list: async () => ({ routes: new Map(), rules: new Map() }),
    apply: async (ops) => {
      this.#routingOps.push(...ops);
      return { done: [...ops], failed: [] };
    },
  };

  readonly conntrack: Conntrack = { listUdp: async () => [], forget: async () => {} };

  /** As a shell script: the nft transaction, then the `ip` commands. */
  text(): string {
    return [`nft -f - <<'END'\n${this.#show(this.#changes)}END\n`, ...this.#routingOps.map((op) => `${showRoutingOp(op)}\n`)].join("");
  }
}
