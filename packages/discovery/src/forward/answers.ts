import { Emitter } from "../answers/emit.ts";
import { NO_ANSWER, limitOf } from "../answers/responder.ts";
import type { Responder, Transport } from "../answers/responder.ts";
import { DiscoveryError } from "../errors.ts";
import type { Answering } from "../listen/answering.ts";
import { Ask } from "../wire/ask.ts";
import { RCODE } from "../wire/codes.ts";
import { EDE } from "../wire/edns.ts";
import { readAnyQuery } from "../wire/read-any.ts";
import { appendReply } from "./append.ts";
import type { Target } from "./append.ts";
import { fitReply } from "./fit.ts";
import type { Forwarder } from "./forwarder.ts";
import { flagsOf, forwardQuestion } from "./query.ts";
import type { ForwardQuestion } from "./query.ts";

/** Where answers that took time are put together; copied out before anything else happens. */
const scratch = new Uint8Array(65_535);

/** All answers: those of the responder at once, those that need an upstream when it has answered. */
export class Answers implements Answering {
  readonly ask: Ask;
  readonly #responder: Responder;
  readonly #forwarder: Forwarder | undefined;
  /** The query again, when its answer has come: by then the responder has read others. */
  readonly #again = new Ask();
  readonly #emit = new Emitter(true);

  /** @param forwarder absent when the responder refuses what is not ours */
  constructor(responder: Responder, forwarder: Forwarder | undefined) {
    this.ask = responder.ask;
    this.#responder = responder;
    this.#forwarder = forwarder;
  }

  respond(message: Uint8Array, transport: Transport, out: Uint8Array): number {
    return this.#responder.respond(message, transport, out);
  }

  async later(transport: Transport): Promise<Uint8Array | undefined> {
    const { ask, emit, deferred, lookup } = this.#responder;
    const { message } = ask;
    const alias = deferred === "target";
    const target = { name: lookup.chase.target, at: lookup.chase.targetAt };
    const chain = alias ? emit.out.slice(0, emit.length) : undefined;
    const name = alias ? target.name : message.subarray(12, 12 + ask.nameLength);
    const folded = alias ? target.name : ask.folded.subarray(0, ask.nameLength);
    const question = forwardQuestion(name, folded, ask.type, flagsOf(ask));
    const reply = await this.#forward(question, transport);
    return this.#put(message, transport, (again, limit) => {
      if (!(reply instanceof Uint8Array)) return this.#emit.bare(again, limit, RCODE.SERVFAIL, reply);
      if (!chain) return fitReply(this.#emit, again, limit, reply);
      return this.#finishAlias({ again, limit, chain, target }, reply, question);
    });
  }

  /** The upstreams' reply, or the extended error that says why there is none. */
  async #forward(question: ForwardQuestion, transport: Transport): Promise<Uint8Array | number> {
    try {
      return (await this.#forwarder?.ask(question, transport)) ?? EDE.NO_REACHABLE_AUTHORITY;
    } catch (error) {
      if (!(error instanceof DiscoveryError)) throw error;
      return error.fault.code === "OVERLOADED" ? EDE.NETWORK_ERROR : EDE.NO_REACHABLE_AUTHORITY;
    }
  }

  #put(message: Uint8Array, transport: Transport, write: (again: Ask, limit: number) => number): Uint8Array | undefined {
    if (readAnyQuery(this.#again, message) !== "ok") return undefined;
    this.#emit.out = scratch;
    const length = write(this.#again, limitOf(this.#again, transport));
    return length === NO_ANSWER.DROP ? undefined : scratch.slice(0, length);
  }

  /** An alias whose target has no addresses has none itself. */
  #finishAlias(alias: Alias, reply: Uint8Array, { questionEnd }: ForwardQuestion): number {
    const { again, limit, chain, target } = alias;
    const emit = this.#emit;
    const rcode = (reply[3] as number) & 15;
    if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return emit.bare(again, limit, RCODE.SERVFAIL);
    emit.begin(again, limit, RCODE.NOERROR, true);
    emit.length = 0;
    emit.copy(chain, 0, chain.length);
    const found = appendReply(emit, reply, questionEnd, target);
    return found > 0 ? emit.finish(again) : this.#responder.lookup.noData(again, limit, emit);
  }
}

/** An alias of ours that is to be finished with what an upstream says of its target. */
interface Alias {
  readonly again: Ask;
  readonly limit: number;
  /** Header, question and CNAME records so far. */
  readonly chain: Uint8Array;
  readonly target: Target;
}
