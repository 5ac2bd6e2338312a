import type { Transport } from "../answers/responder.ts";
import type { Ask } from "../wire/ask.ts";

/** What a listener asks for answers. */
export interface Answering {
  /** The query that `respond()` read last; its type is 0 when there was none to read. */
  readonly ask: Pick<Ask, "type">;
  /** Answers into `out`; returns the length, or one of `NO_ANSWER`. */
  respond(message: Uint8Array, transport: Transport, out: Uint8Array): number;
  /** Answers what `respond()` has just left for later; `undefined` when there is to be no answer. Never rejects. */
  later(transport: Transport): Promise<Uint8Array | undefined>;
}

/** Who is told about every message; it costs a few additions. */
export interface Tally {
  /** An answer goes out: type of the question, response code (its lower four bits), bytes. */
  answered(client: Client, type: number, rcode: number, bytes: number): void;
  /** There was no answer to give, or none that arrived. */
  dropped(client: Client, reason: DropReason): void;
}

export interface Client {
  readonly transport: Transport;
  readonly family: 4 | 6;
}

export type DropReason = "no-query" | "not-sent" | "too-many";

/** What a listener works with. */
export interface ListenNeeds {
  readonly answering: Answering;
  readonly tally: Tally;
}
