import { Backoff } from "./backoff.ts";
import type { BackoffOptions } from "./backoff.ts";
import type { Clock } from "./clock.ts";

/** What one pass is to look at: every key, or those that changed. */
export interface PassScope<K> {
  readonly full: boolean;
  /** Empty in a full pass. */
  readonly keys: ReadonlySet<K>;
}

/** Does one pass. Returns the keys that failed, with the reason; throws when nothing can be said per key. */
export type Pass<K> = (scope: PassScope<K>, signal: AbortSignal) => Promise<ReadonlyMap<K, string>>;

/** Told about every pass; the loop itself neither logs nor counts. */
export interface PassObserver<K> {
  passed(scope: PassScope<K>, ms: number, failed: ReadonlyMap<K, string>): void;
  threw(scope: PassScope<K>, error: unknown, retryInMs: number): void;
}

export interface PassLoopOptions<K> {
  readonly pass: Pass<K>;
  readonly observer: PassObserver<K>;
  readonly clock: Clock;
  /** Milliseconds that a burst may gather before its pass starts. */
  readonly coalesceMs: number;
  /** Milliseconds between full passes when nothing happens. */
  readonly auditMs: number;
  readonly backoff: BackoffOptions;
}

/**
 * Level-triggered: events mark keys, one pass at a time works on what is marked. Marks that arrive during a pass
 * are kept for the next one; a failed key comes back by itself; a pass that throws is followed by a full one, when
 * its time has come or something is marked before.
 */
export class PassLoop<K> {
  readonly #options: PassLoopOptions<K>;
  readonly #backoff: Backoff<K | typeof WHOLE>;
  readonly #dirty = new Set<K>();
  /** Failed keys whose next try is set already: a key that fails at every event must not collect tries. */
  readonly #waiting = new Set<K | typeof WHOLE>();
  #full = true;
  /** The last pass threw: nobody knows what it reached. */
  #unsure = false;
  #wake = new AbortController();

  constructor(options: PassLoopOptions<K>) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff);
  }

  /** Keys that failed last time and wait for their next try. */
  get failing(): number {
    return this.#backoff.failing;
  }

  mark(keys: Iterable<K>): void {
    for (const key of keys) this.#dirty.add(key);
    if (this.#dirty.size > 0) this.#wake.abort();
  }

  /** Asks for a full pass, which reads the kernel. */
  markAll(): void {
    this.#full = true;
    this.#wake.abort();
  }

  /** Runs passes until `signal` aborts; the pass under way is finished first. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, auditMs, coalesceMs, backoff } = this.#options;
    let auditAt = clock.now();
    while (!signal.aborted) {
      if (clock.now() >= auditAt) this.#full = true;
      if (!this.#full && this.#dirty.size === 0) {
        await clock.sleep(auditAt - clock.now(), AbortSignal.any([signal, this.#wake.signal]));
        if (this.#dirty.size > 0) await clock.sleep(coalesceMs, signal);
        continue;
      }
      const scope = this.#take();
      if (scope.full) auditAt = clock.now() + auditMs;
      await this.#pass(scope, signal);
      // Events may come faster than passes can fail.
      if (this.#unsure) await clock.sleep(backoff.firstMs, signal);
    }
  }

  #take(): PassScope<K> {
    const full = this.#full || this.#unsure;
    const scope = { full, keys: new Set(full ? [] : this.#dirty) };
    this.#full = false;
    this.#unsure = false;
    this.#dirty.clear();
    this.#wake = new AbortController();
    return scope;
  }

  async #pass(scope: PassScope<K>, signal: AbortSignal): Promise<void> {
    const { pass, observer, clock } = this.#options;
    const started = clock.now();
    try {
      const failed = await pass(scope, signal);
      // Drops WHOLE too: the pass after one that threw is a full one.
      if (scope.full) this.#backoff.retain((key) => key !== WHOLE && failed.has(key));
      for (const key of scope.keys) if (!failed.has(key)) this.#backoff.succeed(key);
      for (const key of failed.keys()) this.#retry(key, this.#backoff.fail(key), signal);
      observer.passed(scope, clock.now() - started, failed);
    } catch (error) {
      this.#unsure = true;
      const delay = this.#backoff.fail(WHOLE);
      this.#retry(WHOLE, delay, signal);
      observer.threw(scope, error, delay);
    }
  }

  #retry(key: K | typeof WHOLE, ms: number, signal: AbortSignal): void {
    if (this.#waiting.has(key)) return;
    this.#waiting.add(key);
    void this.#options.clock.sleep(ms, signal).then(() => {
      this.#waiting.delete(key);
      if (key === WHOLE) this.markAll();
      else this.mark([key]);
    });
  }
}

/** Stands for a pass that threw. */
const WHOLE = Symbol("whole pass");
