import type { NodeKey } from "@sdn-tunnel/common/admit/view";
import type { Log } from "@sdn-tunnel/common/daemon/log";
import type { Clock } from "@sdn-tunnel/common/loop/clock";
import type { Address } from "@sdn-tunnel/common/net/address";
import { healthReport, writeHealth } from "./health-file.ts";
import type { HealthReport, NodeHealth } from "./health-file.ts";
import type { Liveness } from "./liveness.ts";
import { planHealth, planProbes } from "./plan.ts";
import type { ProbedNode } from "./plan.ts";
import { Prober } from "./prober.ts";
import type { EchoResponder } from "./responder.ts";

/** The file is written at every change, and at least this often: it tells by its age that we live. */
const REWRITE_MS = 1000;

export interface HealthNeeds {
  readonly runDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly responder: EchoResponder;
  /** What the agent before this one wrote, if that is not long ago. */
  readonly before: HealthReport | undefined;
  /** Told whenever the file was written. */
  readonly written: (health: ReadonlyMap<NodeKey, NodeHealth>) => void;
}

/** Keeps the life of every remote node: answers probes, sends them, and tells the other daemons. */
export class HealthKeeper {
  readonly #needs: HealthNeeds;
  readonly #prober: Prober;
  readonly #refusedSince = new Map<NodeKey, number>();
  #nodes: readonly ProbedNode[] = [];
  #wake = new AbortController();

  constructor(needs: HealthNeeds) {
    this.#needs = needs;
    const { clock, log, before } = needs;
    this.#prober = new Prober({
      clock,
      remembered: (key) => rememberedIn(before, key)?.up,
      changed: (key, { up, since }) => {
        log.info({ node: key, up, since }, up ? "data path works" : "data path is dead");
        this.#wake.abort();
      },
    });
  }

  livenessOf(key: NodeKey): Liveness | undefined {
    return this.#prober.livenessOf(key);
  }

  /** Takes the nodes of the mesh as they are now. */
  async follow(nodes: readonly ProbedNode[], ownAddresses: readonly Address[]): Promise<ReadonlyMap<Address, Error>> {
    const { clock, responder } = this.#needs;
    this.#nodes = nodes;
    const refused = new Set(nodes.filter(({ refusal }) => refusal !== undefined).map(({ key }) => key));
    for (const key of this.#refusedSince.keys()) if (!refused.has(key)) this.#refusedSince.delete(key);
    for (const key of refused) if (!this.#refusedSince.has(key)) this.#refusedSince.set(key, clock.now());
    this.#prober.follow(planProbes(nodes, ownAddresses));
    const failed = await responder.listen(ownAddresses);
    this.#wake.abort();
    return failed;
  }

  /** Probes, and keeps the file, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const probing = this.#prober.run(signal);
    while (!signal.aborted) {
      this.#wake = new AbortController();
      await this.#write();
      await this.#needs.clock.sleep(REWRITE_MS, AbortSignal.any([signal, this.#wake.signal]));
    }
    this.#needs.responder.close();
    await probing;
  }

  async #write(): Promise<void> {
    const { runDir, clock, log, written } = this.#needs;
    const now = clock.now();
    const since = (key: NodeKey): number => this.#refusedSince.get(key) ?? now;
    const health = planHealth(this.#nodes, (key) => this.#prober.livenessOf(key), since);
    try {
      await writeHealth(runDir, healthReport(health, now));
      written(health);
    } catch (error) {
      log.error({ error }, "cannot write health.json; the other daemons will count every node as up");
    }
  }
}

function rememberedIn(report: HealthReport | undefined, key: NodeKey): NodeHealth | undefined {
  const [cluster = "", node = ""] = key.split("/");
  const health = report?.clusters[cluster]?.[node];
  return health?.reason === undefined ? health : undefined;
}
