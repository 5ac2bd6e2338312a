import { setImmediate as breathe } from "node:timers/promises";
import type { MeshView, Touched } from "@sdn-tunnel/common/admit/view";
import type { Log } from "@sdn-tunnel/common/daemon/log";
import type { Clock } from "@sdn-tunnel/common/loop/clock";
import { PassLoop } from "@sdn-tunnel/common/loop/pass-loop";
import type { PassScope } from "@sdn-tunnel/common/loop/pass-loop";
import { Publisher } from "./answers/publisher.ts";
import type { AnswerTable } from "./answers/table.ts";
import type { Zones } from "./answers/zones.ts";
import type { DiscoveryConfig } from "./config.ts";
import type { EchoProbe } from "./life/echo.ts";
import { LifeWatch } from "./life/life-watch.ts";
import { zoneStateOf } from "./life/zone-state.ts";
import type { DiscoveryMetrics } from "./metrics.ts";
import { keysOf } from "./pass-keys.ts";
import type { PassKey } from "./pass-keys.ts";
import { DiscoveryPass } from "./pass.ts";

export interface ControlNeeds {
  readonly config: Pick<DiscoveryConfig, "deadCluster" | "own" | "ttl">;
  readonly view: MeshView;
  readonly table: AnswerTable;
  readonly zones: Zones;
  readonly probe: EchoProbe;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: DiscoveryMetrics;
}

/** Milliseconds that a burst of changes gathers, and after which everything is looked at again. */
const [COALESCE_MS, AUDIT_MS] = [20, 600_000];

/** The side that clients do not see: keeps the table as the mesh is, and knows which clusters are alive. */
export class Control {
  readonly #needs: ControlNeeds;
  readonly #loop: PassLoop<PassKey>;
  readonly #life: LifeWatch;
  #settled = Promise.withResolvers<void>();

  constructor(needs: ControlNeeds) {
    const { config, view, table, zones, clock, probe } = needs;
    this.#needs = needs;
    this.#life = new LifeWatch({ view, probe, clock, changed: (cluster, dead) => this.#lifeChanged(cluster, dead) });
    const pass = new DiscoveryPass({
      view,
      zones,
      publisher: new Publisher(table, config.ttl),
      own: config.own,
      stateOf: ({ name, synced }) => zoneStateOf({ synced, dead: this.#life.isDead(name) }, config.deadCluster),
      now: () => clock.now(),
      breathe: () => breathe(),
    });
    this.#loop = new PassLoop({
      pass: (scope, signal) => pass.run(scope, signal),
      observer: { passed: this.#passed.bind(this), threw: this.#threw.bind(this) },
      clock,
      coalesceMs: COALESCE_MS,
      auditMs: AUDIT_MS,
      backoff: { firstMs: 100, lastMs: 30_000 },
    });
  }

  /** The view has changed. */
  mark(touched: Touched): void {
    this.#loop.mark(keysOf(touched));
  }

  /** Resolves once everything that is in the view now is in the table. */
  async settle(): Promise<void> {
    this.#settled = Promise.withResolvers();
    this.#loop.markAll();
    await this.#settled.promise;
  }

  isDead(cluster: string): boolean {
    return this.#life.isDead(cluster);
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#loop.run(signal), this.#life.run(signal)]);
  }

  #lifeChanged(cluster: string, dead: boolean): void {
    const { log, config } = this.#needs;
    if (dead) log.warn({ cluster, answer: config.deadCluster }, "all nodes are silent; names of the cluster answer as for a dead one");
    else log.info({ cluster }, "a node answers again");
    this.#loop.mark([`cluster/${cluster}`]);
  }

  #passed({ full }: PassScope<PassKey>, ms: number, failed: ReadonlyMap<PassKey, string>): void {
    const { metrics, log } = this.#needs;
    metrics.passSeconds.observe(ms / 1000, { scope: full ? "full" : "event" });
    if (failed.size > 0) metrics.passFailures.inc({}, failed.size);
    for (const [key, reason] of failed) log.warn({ key, reason }, "cannot publish; the last answers stay");
    if (full) this.#settled.resolve();
  }

  #threw(_scope: PassScope<PassKey>, error: unknown, retryInMs: number): void {
    this.#needs.metrics.passFailures.inc();
    this.#needs.log.error({ err: error, retryInMs }, "a pass failed; the last answers stay");
  }
}
