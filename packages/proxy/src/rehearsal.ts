import { showRoutingOp } from "@sdn-tunnel/common/kernel/route";
import type { RoutingOp, RoutingTable } from "@sdn-tunnel/common/kernel/route";
import type { Conntrack } from "./conntrack/conntrack.ts";
import { nothing } from "./services/backend.ts";
import type { Backend, Change } from "./services/backend.ts";

/** Stands in for a kernel that holds nothing of ours, and notes what a pass would do to it: for `--dry-run`. */
export class Rehearsal {
  readonly #backend: Pick<Backend, "name" | "schedulers" | "vipRoutes" | "show" | "setOwnAddresses">;
  readonly #changes: Change[] = [];
  readonly #routingOps: RoutingOp[] = [];

  readonly backend: Backend;

  constructor(backend: Pick<Backend, "name" | "schedulers" | "vipRoutes" | "show" | "setOwnAddresses">) {
    this.#backend = backend;
    this.backend = {
      name: backend.name,
      schedulers: backend.schedulers,
      vipRoutes: backend.vipRoutes,
      setOwnAddresses: (own) => backend.setOwnAddresses?.(own),
      list: async () => nothing,
      apply: async (changes) => {
        this.#changes.push(...changes);
        return { done: changes, failed: [] };
      },
      show: (changes) => backend.show(changes),
      remove: async () => {},
    };
  }

  readonly routing: RoutingTable = {
    list: async () => ({ routes: new Map(), rules: new Map() }),
    apply: async (ops) => {
      this.#routingOps.push(...ops);
      return { done: [...ops], failed: [] };
    },
  };

  readonly conntrack: Conntrack = { listUdp: async () => [], forget: async () => {} };

  /** As a shell script: what makes the load balancer, then the `ip` commands. */
  text(): string {
    const shown = this.#backend.show(this.#changes);
    const balancer = this.#backend.name === "nftables" ? `nft -f - <<'END'\n${shown}END\n` : shown;
    return [balancer, ...this.#routingOps.map((op) => `${showRoutingOp(op)}\n`)].join("");
  }
}
