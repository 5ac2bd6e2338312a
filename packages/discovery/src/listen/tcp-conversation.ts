import type { Socket } from "node:net";
import { limits } from "../limits/limits.ts";
import type { Client, ListenNeeds } from "./answering.ts";
import { Frames, frame } from "./frames.ts";

/** Longest answer over TCP. Answers are put together here and copied out, one at a time. */
const scratch = Buffer.allocUnsafe(65_535);

/**
 * One TCP connection. It reads no further while too many of its queries wait for an upstream, or while the client
 * does not fetch its answers; it ends when a query stays incomplete, when nothing is asked, or after its share.
 */
export class TcpConversation {
  readonly #socket: Socket;
  readonly #needs: ListenNeeds;
  readonly #client: Client;
  readonly #frames = new Frames();
  #queries = 0;
  #waiting = 0;
  #uncorking = false;
  #ended = false;
  #readTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, needs: ListenNeeds) {
    this.#socket = socket;
    this.#needs = needs;
    this.#client = { transport: "tcp", family: socket.remoteFamily === "IPv6" ? 6 : 4 };
  }

  start(): void {
    const socket = this.#socket;
    socket.setTimeout(limits.tcpIdleMs);
    socket.on("timeout", () => (this.#waiting > 0 ? undefined : socket.destroy()));
    socket.on("error", () => socket.destroy()); // reset by the client: nothing to answer to
    socket.on("end", () => this.#end());
    socket.on("drain", () => this.#goOn());
    socket.on("close", () => clearTimeout(this.#readTimer));
    socket.on("data", (chunk: Buffer) => {
      this.#frames.push(chunk);
      this.#goOn();
    });
  }

  /** Answers the queries that have arrived, as far as the limits allow. */
  #goOn(): void {
    while (!this.#ended && !this.#mustWait()) {
      const message = this.#frames.next();
      if (!message) break;
      this.#answer(message);
      if (++this.#queries >= limits.tcpQueriesPerConnection) this.#end();
    }
    if (this.#mustWait()) this.#socket.pause();
    else if (!this.#ended) this.#socket.resume();
    this.#watchReading();
  }

  /** A query that has begun must be complete in time, however slowly its bytes trickle in. */
  #watchReading(): void {
    if (!this.#frames.begun || this.#mustWait()) {
      clearTimeout(this.#readTimer);
      this.#readTimer = undefined;
    } else this.#readTimer ??= setTimeout(() => this.#socket.destroy(), limits.tcpReadMs);
  }

  #mustWait(): boolean {
    return this.#waiting >= limits.tcpQueriesInFlight || this.#socket.writableLength >= limits.tcpUnsentBytes;
  }

  #answer(message: Buffer): void {
    const { answering, tally } = this.#needs;
    const length = answering.respond(message, "tcp", scratch);
    if (length > 0) return this.#send(scratch.subarray(0, length), answering.ask.type);
    if (length === 0) return tally.dropped(this.#client, "no-query");
    const { type } = answering.ask;
    this.#waiting++;
    void answering.later("tcp").then((answer) => {
      this.#waiting--;
      if (answer) this.#send(answer, type);
      else tally.dropped(this.#client, "too-many");
      if (this.#ended) this.#end();
      else this.#goOn();
    });
  }

  /** Sends in one segment what becomes ready in one turn of the event loop. */
  #send(answer: Uint8Array, type: number): void {
    const socket = this.#socket;
    if (socket.destroyed) return this.#needs.tally.dropped(this.#client, "not-sent");
    this.#needs.tally.answered(this.#client, type, (answer[3] as number) & 15, answer.length);
    if (!this.#uncorking) {
      this.#uncorking = true;
      socket.cork();
      setImmediate(() => {
        this.#uncorking = false;
        socket.uncork();
      });
    }
    socket.write(frame(answer));
  }

  /** No more queries are read; what is waiting is still answered. */
  #end(): void {
    this.#ended = true;
    if (this.#waiting === 0) this.#socket.end();
  }
}
