import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../src/loop/clock.ts";

/** Time that passes only in `advance()`, so that a test of minutes takes milliseconds. */
export class FakeClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();

  constructor(now = 1_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    const sleeper = { at: this.#now + Math.max(0, ms), wake };
    this.#sleepers.add(sleeper);
    signal.addEventListener("abort", wake, { once: true });
    await promise;
    signal.removeEventListener("abort", wake);
    this.#sleepers.delete(sleeper);
  }

  /** Lets `ms` pass: every sleeper wakes at its own time, and what it then does happens before time goes on. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#now = next.at;
      this.#sleepers.delete(next);
      next.wake();
      await this.settle();
    }
    this.#now = end;
  }

  /** Lets everything happen that waits for no time. */
  async settle(): Promise<void> {
    for (let i = 0; i < 5; i++) await turn();
  }

  #next(end: number) {
    const due = [...this.#sleepers].filter(({ at }) => at <= end);
    return due.toSorted((a, b) => a.at - b.at)[0];
  }
}
