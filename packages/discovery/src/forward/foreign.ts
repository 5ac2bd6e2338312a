import type { Emitter } from "../answers/emit.ts";
import type { Foreign } from "../answers/responder.ts";
import type { Ask } from "../wire/ask.ts";
import { fitReply } from "./fit.ts";
import type { Forwarder } from "./forwarder.ts";
import { keyOfAsk } from "./query.ts";
import type { UpstreamWatch } from "./watch.ts";

/** What the responder knows of names that are not ours: what was asked before. */
export class Remembered implements Foreign {
  readonly #forwarder: Forwarder;
  readonly #watch: UpstreamWatch;

  constructor(forwarder: Forwarder, watch: UpstreamWatch) {
    this.#forwarder = forwarder;
    this.#watch = watch;
  }

  recall(ask: Ask, limit: number, emit: Emitter): number {
    this.#watch.saw(ask.type, ask.folded, ask.nameLength);
    const reply = this.#forwarder.recall(keyOfAsk(ask));
    return reply ? fitReply(emit, ask, limit, reply) : 0;
  }
}
