/** Work that several may wait for. */
interface Work<T> {
  readonly promise: Promise<T>;
  readonly stop: AbortController;
  waiting: number;
}

/**
 * Lets those who want the same thing at the same time wait for one piece of work. It is called off when nobody waits
 * for it any more.
 */
export class Shared<T> {
  readonly #works = new Map<string, Work<T>>();

  /** Pieces of work that are under way. */
  get size(): number {
    return this.#works.size;
  }

  /** Waits for the work called `key`, which `start` begins when there is none; gives up when `signal` aborts. */
  async join(key: string, start: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const work = this.#works.get(key) ?? this.#begin(key, start);
    work.waiting++;
    const { promise: givenUp, reject } = Promise.withResolvers<never>();
    const giveUp = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      return await Promise.race([givenUp, work.promise]);
    } finally {
      signal.removeEventListener("abort", giveUp);
      if (--work.waiting === 0) work.stop.abort(signal.reason);
    }
  }

  #begin(key: string, start: (signal: AbortSignal) => Promise<T>): Work<T> {
    const stop = new AbortController();
    const promise = start(stop.signal).finally(() => this.#works.delete(key));
    promise.catch(() => undefined); // whoever still waits sees it
    const work = { promise, stop, waiting: 0 };
    this.#works.set(key, work);
    return work;
  }
}
