import type { Log } from "@sdn-tunnel/common/daemon/log";
import type { Clock } from "@sdn-tunnel/common/loop/clock";
import type { Identity } from "./answers/chaos.ts";
import { Responder } from "./answers/responder.ts";
import type { AnswerTable } from "./answers/table.ts";
import type { Zones } from "./answers/zones.ts";
import { Answers } from "./forward/answers.ts";
import { Cache } from "./forward/cache.ts";
import { Remembered } from "./forward/foreign.ts";
import { Forwarder } from "./forward/forwarder.ts";
import { UpstreamHealth } from "./forward/health.ts";
import type { UpstreamState } from "./forward/health.ts";
import type { Upstream } from "./forward/upstream.ts";
import { UpstreamWatch } from "./forward/watch.ts";
import type { DiscoveryMetrics } from "./metrics.ts";

export interface FrontNeeds {
  readonly table: AnswerTable;
  readonly zones: Zones;
  /** Empty: names outside the own zones are refused. */
  readonly upstreams: readonly Upstream[];
  readonly identity: Identity;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: DiscoveryMetrics;
}

/** The side that clients see: answers from the table, and from upstreams. */
export class Front {
  readonly answering: Answers;
  readonly #needs: FrontNeeds;
  readonly #health = new UpstreamHealth();
  readonly #cache: Cache;
  readonly #forwarder: Forwarder;
  readonly #watch: UpstreamWatch;

  constructor(needs: FrontNeeds) {
    const { table, zones, upstreams, identity, clock, log, metrics } = needs;
    this.#needs = needs;
    this.#cache = new Cache(() => clock.now());
    const observer = {
      asked: (upstream: string, outcome: string, ms: number) => {
        metrics.forwarded.inc({ upstream, outcome });
        metrics.forwardSeconds.observe(ms / 1000, { upstream });
      },
      overloaded: () => metrics.forwardOverloaded.inc(),
    };
    this.#forwarder = new Forwarder({ upstreams, health: this.#health, cache: this.#cache, clock, observer });
    const looping = (upstream: string) => log.error({ upstream }, "this upstream leads back to this server and is not asked any more");
    this.#watch = new UpstreamWatch({ upstreams, health: this.#health, clock, looping });
    const foreign = upstreams.length > 0 ? new Remembered(this.#forwarder, this.#watch) : undefined;
    this.answering = new Answers(new Responder({ table, zones, foreign, identity }), this.#forwarder);
  }

  /** Looks after the upstreams until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#watch.run(signal);
    for (const upstream of this.#needs.upstreams) upstream.close();
  }

  refreshMetrics(): void {
    const { metrics, table } = this.#needs;
    metrics.names.set(table.size);
    metrics.tableBytes.set(table.bytes);
    metrics.cacheEntries.set(this.#cache.size);
    metrics.cacheBytes.set(this.#cache.bytes);
    metrics.forwardWaiting.set(this.#forwarder.waiting);
    for (const { upstream, up, loops } of this.upstreams()) metrics.upstreamUp.set(up && !loops ? 1 : 0, { upstream });
  }

  upstreams(): UpstreamState[] {
    return this.#needs.upstreams.map(({ name }) => this.#health.state(name));
  }
}
