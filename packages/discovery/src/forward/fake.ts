import { setImmediate as turn } from "node:timers/promises";
import { DiscoveryError } from "../errors.ts";
import type { Upstream, UpstreamQuery } from "./upstream.ts";

/** What a fake upstream does with a query. */
export type FakeReply = Outcome | Promise<Outcome>;

type Outcome = Uint8Array | "silent" | "unreachable";

/** An upstream in memory, as strict as the network: it is asked whole queries, and never after it was closed. */
export class FakeUpstream implements Upstream {
  readonly name: string;
  readonly asked: UpstreamQuery[] = [];
  #reply: (query: UpstreamQuery) => FakeReply;
  #closed = false;

  constructor(name: string, reply: (query: UpstreamQuery) => FakeReply) {
    this.name = name;
    this.#reply = reply;
  }

  /** From now on it replies like this. */
  replyWith(reply: (query: UpstreamQuery) => FakeReply): void {
    this.#reply = reply;
  }

  async ask(query: UpstreamQuery): Promise<Uint8Array> {
    if (this.#closed) throw new Error(`Cannot ask ${this.name}: it was closed`);
    if (query.message.length < 17 || query.message[5] !== 1) throw new Error(`Cannot ask ${this.name}: that is no query`);
    this.asked.push(query);
    const { promise: calledOff, reject } = Promise.withResolvers<never>();
    const callOff = (): void => reject(query.signal.reason as Error);
    if (query.signal.aborted) callOff();
    query.signal.addEventListener("abort", callOff, { once: true });
    const reply = await Promise.race([calledOff, this.#reply(query)]);
    if (reply === "silent") await Promise.race([calledOff, turn()]); // time passes, though no clock knows
    query.signal.removeEventListener("abort", callOff);
    if (reply instanceof Uint8Array) return reply;
    throw new DiscoveryError(
      reply === "silent"
        ? { code: "UPSTREAM_SILENT", upstream: this.name, afterMs: query.timeoutMs }
        : { code: "UPSTREAM_UNREACHABLE", upstream: this.name, reason: "ECONNREFUSED" },
    );
  }

  close(): void {
    this.#closed = true;
  }
}
