import { messageOf } from "@sdn-tunnel/common/errors";
import type { DatagramSocket } from "@sdn-tunnel/common/kernel/exchange";
import { decodeMessages } from "@sdn-tunnel/common/kernel/netlink-message";
import type { NetlinkMessage } from "@sdn-tunnel/common/kernel/netlink-message";

/** What came back to one datagram of several requests. */
export interface Replies {
  /** Negative errno by sequence number, of the requests that were refused. */
  readonly refused: ReadonlyMap<number, number>;
  /** Payloads of the messages that answer, in order. */
  readonly parts: readonly Buffer[];
}

/** Message types of netlink(7). */
const [ERROR, DONE] = [2, 3];
const TIMEOUT_MS = 10_000;

/**
 * Talks with the kernel in datagrams that hold many requests, one datagram at a time.
 *
 * The kernel works a datagram off in order and says of each request when it refused it, but acknowledges only what
 * asks for that: when the last one does, everything is said with its acknowledgement.
 */
export class Conversation {
  readonly #openSocket: () => DatagramSocket;
  #socket: DatagramSocket | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #current: Waiting | undefined;

  constructor(openSocket: () => DatagramSocket) {
    this.#openSocket = openSocket;
  }

  /**
   * @param lastSequence number of the datagram's last request, which asks for an acknowledgement or is a dump
   * @throws {Error} with the errno's name or what else went wrong on the way; then nothing is known of any request
   */
  say(datagram: Uint8Array, lastSequence: number): Promise<Replies> {
    const mine = this.#last.then(() => this.#sayNow(datagram, lastSequence));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  async #sayNow(datagram: Uint8Array, lastSequence: number): Promise<Replies> {
    const waiting = (this.#current = new Waiting(lastSequence));
    const timer = setTimeout(() => waiting.fail("ETIMEDOUT"), TIMEOUT_MS);
    try {
      const socket = (this.#socket ??= this.#open());
      socket.ref();
      socket.send(datagram, undefined, (error) => error && waiting.fail(error.code ?? error.message));
      return await waiting.replies;
    } catch (error) {
      this.close(); // what may still come belongs to nobody
      throw error;
    } finally {
      clearTimeout(timer);
      this.#current = undefined;
      this.#socket?.unref();
    }
  }

  #open(): DatagramSocket {
    const socket = this.#openSocket();
    socket.on("message", (datagram) => this.#current?.read(datagram));
    socket.on("truncatedMessage", () => this.#current?.fail("EMSGSIZE"));
    socket.on("error", (error) => this.#current?.fail(error.code ?? error.message));
    return socket;
  }
}

/** A datagram that waits for its end. */
class Waiting {
  readonly #lastSequence: number;
  readonly #settled = Promise.withResolvers<Replies>();
  readonly #refused = new Map<number, number>();
  readonly #parts: Buffer[] = [];

  constructor(lastSequence: number) {
    this.#lastSequence = lastSequence;
  }

  get replies(): Promise<Replies> {
    return this.#settled.promise;
  }

  fail(why: string): void {
    this.#settled.reject(new Error(why));
  }

  read(datagram: Buffer): void {
    try {
      for (const message of decodeMessages(datagram)) this.#take(message);
    } catch (error) {
      this.fail(messageOf(error));
    }
  }

  #take({ type, sequence, payload }: NetlinkMessage): void {
    if (type !== ERROR && type !== DONE) return void this.#parts.push(payload);
    const errno = payload.length >= 4 ? payload.readInt32LE() : 0;
    if (errno !== 0) this.#refused.set(sequence, errno);
    if (sequence === this.#lastSequence) this.#settled.resolve({ refused: this.#refused, parts: this.#parts });
  }
}
