import type { NodeKey } from "@sdn-tunnel/common/admit/view";
import type { Log } from "@sdn-tunnel/common/daemon/log";
import type { Clock } from "@sdn-tunnel/common/loop/clock";
import type { Address } from "@sdn-tunnel/common/net/address";
import { healthReport, writeHealth } from "./health-file.ts";
import type { HealthReport, NodeHealth } from "./health-file.ts";
import type { Liveness } from "./liveness.ts";
import { planHealth, planProbe } from "./plan.ts";
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
  readonly #nodes = new Map<NodeKey, ProbedNode>();
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

  /**
   * Takes nodes as they are now.
   *
   * @param concerned the nodes that may have changed, and are gone when they are not in `nodes`; absent: all
   */
  follow(nodes: readonly ProbedNode[], ownAddresses: readonly Address[], concerned?: ReadonlySet<NodeKey>): void {
    const present = new Map(nodes.map((node) => [node.key, node]));
    for (const key of concerned ?? new Set([...this.#nodes.keys(), ...present.keys()]))
      this.#followOne(key, present.get(key), ownAddresses);
    this.#wake.abort();
  }

  /** Answers probes on these addresses; returns those on which it cannot, with the error. */
  answerOn(ownAddresses: readonly Address[]): Promise<ReadonlyMap<Address, Error>> {
    return this.#needs.responder.listen(ownAddresses);
  }

  #followOne(key: NodeKey, node: ProbedNode | undefined, ownAddresses: readonly Address[]): void {
    if (node) this.#nodes.set(key, node);
    else this.#nodes.delete(key);
    if (node?.refusal === undefined) this.#refusedSince.delete(key);
    else if (!this.#refusedSince.has(key)) this.#refusedSince.set(key, this.#needs.clock.now());
    this.#prober.follow(key, node && planProbe(node, ownAddresses));
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
    const health = planHealth(this.#nodes.values(), (key) => this.#prober.livenessOf(key), since);
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
