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
 * are kept for the next one; a failed key comes back by itself; a pass that throws is followed by a full one.
 */
export class PassLoop<K> {
  readonly #options: PassLoopOptions<K>;
  readonly #backoff: Backoff<K | typeof WHOLE>;
  readonly #dirty = new Set<K>();
  #full = true;
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
    const { clock, auditMs, coalesceMs } = this.#options;
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
    }
  }

  #take(): PassScope<K> {
    const scope = { full: this.#full, keys: new Set(this.#full ? [] : this.#dirty) };
    this.#full = false;
    this.#dirty.clear();
    this.#wake = new AbortController();
    return scope;
  }

  async #pass(scope: PassScope<K>, signal: AbortSignal): Promise<void> {
    const { pass, observer, clock } = this.#options;
    const started = clock.now();
    try {
      const failed = await pass(scope, signal);
      this.#backoff.succeed(WHOLE);
      if (scope.full) this.#backoff.retain((key) => key !== WHOLE && failed.has(key));
      for (const key of scope.keys) if (!failed.has(key)) this.#backoff.succeed(key);
      for (const key of failed.keys()) this.#retry(this.#backoff.fail(key), signal, () => this.mark([key]));
      observer.passed(scope, clock.now() - started, failed);
    } catch (error) {
      const delay = this.#backoff.fail(WHOLE);
      observer.threw(scope, error, delay);
      this.#retry(delay, signal, () => this.markAll());
    }
  }

  #retry(ms: number, signal: AbortSignal, mark: () => void): void {
    void this.#options.clock.sleep(ms, signal).then(() => signal.aborted || mark());
  }
}

/** Stands for a pass that threw. */
const WHOLE = Symbol("whole pass");
