import { CommonError, messageOf } from "@sdn-tunnel/common/errors";
import type { DatagramSocket } from "@sdn-tunnel/common/kernel/exchange";
import { decodeMessages } from "@sdn-tunnel/common/kernel/netlink-message";
import type { NetlinkMessage } from "@sdn-tunnel/common/kernel/netlink-message";

/** Several requests in one datagram. */
export interface Saying {
  readonly datagram: Uint8Array;
  /** Numbers of the first request and of the last, which asks for an acknowledgement or is a dump. */
  readonly first: number;
  readonly last: number;
  /** The requests as a human would type them, for the error. */
  readonly operation: string;
}

/** What came back. */
export interface Replies {
  /** Negative errno by sequence number, of the requests that were refused. */
  readonly refused: ReadonlyMap<number, number>;
  /** Payloads of the messages that answer, in order. */
  readonly parts: readonly Buffer[];
}

/** Message types, and the flag of a dump whose object changed while it was read (netlink(7)). */
const [ERROR, DONE, OVERRUN] = [2, 3, 4];
const DUMP_INTERRUPTED = 0x10;
const TIMEOUT_MS = 10_000;

/**
 * Talks with the kernel in datagrams that hold many requests, one datagram at a time.
 *
 * The kernel works a datagram off in order and says of each request when it refused it, but acknowledges only what
 * asks for that: when the last one does, everything is said with its acknowledgement. When anything of that was lost,
 * nothing is known of any request, and the next datagram goes over a new socket.
 */
export class Conversation {
  readonly #openSocket: () => DatagramSocket;
  readonly #timeoutMs: number;
  #socket: DatagramSocket | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #current: Waiting | undefined;

  /** @param timeoutMs silence after which an answer will not come */
  constructor(openSocket: () => DatagramSocket, timeoutMs = TIMEOUT_MS) {
    this.#openSocket = openSocket;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws {CommonError} NETLINK_REFUSED with what went wrong on the way: ENOBUFS, ETIMEDOUT, … */
  say(saying: Saying): Promise<Replies> {
    const mine = this.#last.then(() => this.#sayNow(saying));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  async #sayNow(saying: Saying): Promise<Replies> {
    const waiting = (this.#current = new Waiting(saying));
    const timer = setTimeout(() => waiting.fail("ETIMEDOUT"), this.#timeoutMs);
    try {
      const socket = (this.#socket ??= this.#open());
      socket.ref();
      socket.send(saying.datagram, undefined, (error) => error && waiting.fail(error.code ?? error.message));
      return await waiting.replies;
    } catch (error) {
      this.close(); // what may still come belongs to nobody
      if (error instanceof CommonError) throw error;
      throw lost(saying.operation, messageOf(error), error);
    } finally {
      clearTimeout(timer);
      this.#current = undefined;
      this.#socket?.unref();
    }
  }

  #open(): DatagramSocket {
    const socket = this.#openSocket();
    const current = (): Waiting | undefined => (socket === this.#socket ? this.#current : undefined);
    socket.on("message", (datagram, { port }) => port === 0 && current()?.read(datagram));
    socket.on("truncatedMessage", (_, { port }) => port === 0 && current()?.fail("EMSGSIZE"));
    socket.on("error", (error) => {
      current()?.fail(error.code ?? error.message);
      if (socket === this.#socket) this.close(); // the library may have closed it already, and tells nobody
    });
    return socket;
  }
}

/** A datagram that waits for its end. */
class Waiting {
  readonly #saying: Saying;
  readonly #settled = Promise.withResolvers<Replies>();
  readonly #refused = new Map<number, number>();
  readonly #parts: Buffer[] = [];

  constructor(saying: Saying) {
    this.#saying = saying;
  }

  get replies(): Promise<Replies> {
    return this.#settled.promise;
  }

  fail(why: string): void {
    this.#settled.reject(lost(this.#saying.operation, why));
  }

  read(datagram: Buffer): void {
    const { first, last } = this.#saying;
    try {
      for (const message of decodeMessages(datagram)) if (message.sequence >= first && message.sequence <= last) this.#take(message);
    } catch (error) {
      this.fail(messageOf(error));
    }
  }

  #take({ type, flags, sequence, payload }: NetlinkMessage): void {
    if (type === OVERRUN) return this.fail("ENOBUFS");
    if (flags & DUMP_INTERRUPTED) return this.fail("EINTR");
    if (type !== ERROR && type !== DONE) return void this.#parts.push(payload);
    if (payload.length < 4) return this.fail("EBADMSG");
    const errno = payload.readInt32LE();
    if (errno !== 0) this.#refused.set(sequence, errno);
    if (sequence === this.#saying.last) this.#settled.resolve({ refused: new Map(this.#refused), parts: [...this.#parts] });
  }
}

const lost = (operation: string, errno: string, cause?: unknown): CommonError => new CommonError({ code: "NETLINK_REFUSED", operation, errno }, { cause });
