import type { Clock } from "@sdn-tunnel/common/loop/clock";
import { DiscoveryError } from "../errors.ts";
import { limits } from "../limits/limits.ts";
import type { Cache } from "./cache.ts";
import type { UpstreamHealth } from "./health.ts";
import type { ForwardQuestion } from "./query.ts";
import { Shared } from "./shared.ts";
import type { Upstream } from "./upstream.ts";

export interface ForwarderNeeds {
  readonly upstreams: readonly Upstream[];
  readonly health: UpstreamHealth;
  readonly cache: Cache;
  readonly clock: Clock;
  /** Told about each try and its outcome. */
  readonly observer: ForwardObserver;
}

/** A question on its way. */
interface Asking {
  readonly question: ForwardQuestion;
  readonly transport: "udp" | "tcp";
  /** Aborts when no client waits any more. */
  readonly signal: AbortSignal;
}

export interface ForwardObserver {
  asked(upstream: string, outcome: "answered" | "silent" | "unreachable", ms: number): void;
  /** The oldest waiting query gave way to a new one. */
  overloaded(): void;
}

/** Asks the upstreams what is not ours: one after the other until one answers, within a total time. */
export class Forwarder {
  readonly #needs: ForwarderNeeds;
  /** Clients that wait, oldest first. */
  readonly #waiting = new Set<AbortController>();
  readonly #shared = new Shared<Uint8Array>();

  constructor(needs: ForwarderNeeds) {
    this.#needs = needs;
  }

  /** Clients that wait for an upstream. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** A remembered answer, as it would be received now. */
  recall(key: string): Uint8Array | undefined {
    return this.#needs.cache.recall(key);
  }

  /**
   * The upstreams' answer, complete: what UDP cuts off is fetched over TCP for clients that can take it.
   *
   * @throws {DiscoveryError} `NO_UPSTREAM_ANSWERED`, `OVERLOADED`
   */
  async ask(question: ForwardQuestion, transport: "udp" | "tcp"): Promise<Uint8Array> {
    const remembered = this.recall(question.key);
    if (remembered) return remembered;
    this.#makeRoom();
    const giveWay = new AbortController();
    this.#waiting.add(giveWay);
    try {
      // Equal questions share one query: fewer for the upstream, and one chance instead of many for a forger.
      const ask = (signal: AbortSignal) => this.#askInTurn({ question, transport, signal });
      return await this.#shared.join(`${transport} ${question.key}`, ask, giveWay.signal);
    } finally {
      this.#waiting.delete(giveWay);
    }
  }

  #makeRoom(): void {
    for (const oldest of this.#waiting) {
      if (this.#waiting.size < limits.forwardInFlight) return;
      this.#waiting.delete(oldest);
      this.#needs.observer.overloaded();
      oldest.abort(new DiscoveryError({ code: "OVERLOADED", waiting: limits.forwardInFlight }));
    }
  }

  /** Silent upstreams are asked again while there is time; those that cannot be reached at all only once. */
  async #askInTurn(asking: Asking): Promise<Uint8Array> {
    const { clock, health, upstreams, cache } = this.#needs;
    const { key, questionEnd } = asking.question;
    const deadline = clock.now() + limits.forwardTotalMs;
    let candidates = health.order(upstreams);
    while (candidates.length > 0) {
      const silent: Upstream[] = [];
      for (const upstream of candidates) {
        const left = deadline - clock.now();
        if (left <= 0) throw this.#noAnswer();
        const outcome = await this.#try(upstream, asking, Math.min(left, limits.forwardTryMs));
        if (outcome === "silent") silent.push(upstream);
        if (!(outcome instanceof Uint8Array)) continue;
        cache.store(key, outcome, questionEnd);
        return outcome;
      }
      candidates = silent;
    }
    throw this.#noAnswer();
  }

  async #try(upstream: Upstream, { question: { message }, transport, signal }: Asking, timeoutMs: number) {
    const { clock, health, observer } = this.#needs;
    const started = clock.now();
    try {
      let reply = await upstream.ask({ message, transport: "udp", timeoutMs, signal });
      const truncated = ((reply[2] as number) & 0x02) !== 0;
      if (truncated && transport === "tcp") reply = await upstream.ask({ message, transport: "tcp", timeoutMs, signal });
      health.succeeded(upstream.name);
      observer.asked(upstream.name, "answered", clock.now() - started);
      return reply;
    } catch (error) {
      if (!(error instanceof DiscoveryError) || signal.aborted) throw error;
      const outcome = error.fault.code === "UPSTREAM_SILENT" ? ("silent" as const) : ("unreachable" as const);
      health.failed(upstream.name);
      observer.asked(upstream.name, outcome, clock.now() - started);
      return outcome;
    }
  }

  #noAnswer(): DiscoveryError {
    return new DiscoveryError({ code: "NO_UPSTREAM_ANSWERED", tried: this.#needs.upstreams.map(({ name }) => name) });
  }
}
