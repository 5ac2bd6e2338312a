import { Ask } from "../wire/ask.ts";
import { CLASS, RCODE, TYPE } from "../wire/codes.ts";
import { EDE, OFFERED_SIZE } from "../wire/edns.ts";
import { readAnyQuery } from "../wire/read-any.ts";
import type { Verdict } from "../wire/read-any.ts";
import { readPlainQuery } from "../wire/read-plain.ts";
import { answerChaos } from "./chaos.ts";
import type { Identity } from "./chaos.ts";
import { Lookup, NOT_OURS } from "./lookup.ts";
import type { AnswerTable } from "./table.ts";
import { Emitter } from "./emit.ts";
import type { Zones } from "./zones.ts";

export type Transport = "udp" | "tcp";

/** What `respond()` returns instead of a length. */
export const NO_ANSWER = { DROP: 0, LATER: -1 } as const;

/** Knows what is not ours. */
export interface Foreign {
  /** Writes a remembered answer to `ask`, of at most `limit` bytes; returns its length, or 0 when it is to be asked for. */
  recall(ask: Ask, limit: number, emit: Emitter): number;
}

export interface ResponderNeeds {
  readonly table: AnswerTable;
  readonly zones: Zones;
  /** Absent: names outside the own zones are refused. */
  readonly foreign: Foreign | undefined;
  readonly identity: Identity;
}

/**
 * Turns a query into its answer, in one call without allocation or parsing into objects. What takes time (a name
 * of others, an alias that leads to one) is left to the caller, who finds the query in `ask` until the next call.
 */
export class Responder {
  readonly ask = new Ask();
  readonly emit: Emitter;
  readonly lookup: Lookup;
  /** What was left for later: the name itself, or the target of an alias of ours. */
  deferred: "name" | "target" = "name";
  readonly #foreign: Foreign | undefined;
  readonly #identity: Identity;

  constructor({ table, zones, foreign, identity }: ResponderNeeds) {
    this.emit = new Emitter(foreign !== undefined);
    this.lookup = new Lookup(table, zones, this.emit);
    this.#foreign = foreign;
    this.#identity = identity;
  }

  /**
   * Answers `message` into `out`, which must hold 1,232 bytes for UDP and 65,535 for TCP.
   *
   * @returns the answer's length, or one of `NO_ANSWER`
   */
  respond(message: Uint8Array, transport: Transport, out: Uint8Array): number {
    const { ask, emit } = this;
    emit.out = out;
    if (!readPlainQuery(ask, message)) {
      const verdict = readAnyQuery(ask, message);
      if (verdict !== "ok") return this.#unreadable(message, verdict);
    }
    const limit = limitOf(ask, transport);
    if (ask.class !== CLASS.IN) return this.#otherClass(limit);
    const length = this.lookup.answer(ask, limit);
    if (length > 0) return length;
    this.deferred = length === NOT_OURS.NAME ? "name" : "target";
    return length === NOT_OURS.NAME ? this.#foreignName(limit) : this.#foreignTarget();
  }

  /** Without upstreams the chain is all that there is to say. */
  #foreignTarget(): number {
    return this.#foreign ? NO_ANSWER.LATER : this.emit.finish(this.ask);
  }

  #foreignName(limit: number): number {
    const { ask, emit } = this;
    if (!this.#foreign || ask.type === TYPE.AXFR || ask.type === TYPE.IXFR)
      return emit.bare(ask, limit, RCODE.REFUSED, EDE.NOT_AUTHORITATIVE);
    return this.#foreign.recall(ask, limit, emit) || NO_ANSWER.LATER;
  }

  #otherClass(limit: number): number {
    if (this.ask.class === CLASS.CH) {
      const length = answerChaos(this.ask, this.emit, limit, this.#identity);
      if (length > 0) return length;
    }
    return this.emit.bare(this.ask, limit, RCODE.REFUSED);
  }

  #unreadable(message: Uint8Array, verdict: Exclude<Verdict, "ok">): number {
    switch (verdict) {
      case "drop":
        return NO_ANSWER.DROP;
      case "formerr":
      case "notimp":
        this.ask.type = 0;
        return this.emit.headerOnly(message, verdict === "formerr" ? RCODE.FORMERR : RCODE.NOTIMP);
      case "badvers":
        return this.emit.bare(this.ask, OFFERED_SIZE, RCODE.BADVERS);
    }
  }
}

/** Most bytes of an answer: over UDP what the asker offers, from 512 (RFC 6891 §6.2.3) to what we offer. */
export function limitOf({ edns, udpSize }: Ask, transport: Transport): number {
  if (transport === "tcp") return 65_535;
  if (!edns || udpSize < 512) return 512;
  return udpSize < OFFERED_SIZE ? udpSize : OFFERED_SIZE;
}
