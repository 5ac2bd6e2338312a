import { messageOf } from "../errors.ts";
import { decodeMessages, encodeMessage } from "./netlink-message.ts";
import type { NetlinkMessage } from "./netlink-message.ts";

/** What is needed of a netlink socket: datagrams as they come. The library's raw socket has this shape. */
export interface DatagramSocket {
  send(datagram: Uint8Array, options: undefined, sent: (error?: Error & { code?: string }) => void): void;
  /** `port` is the sender's: 0 is the kernel, others are programs (netlink(7)). */
  on(event: "message" | "truncatedMessage", listener: (datagram: Buffer, sender: { readonly port: number }) => void): unknown;
  on(event: "error", listener: (error: Error & { code?: string }) => void): unknown;
  ref(): void;
  unref(): void;
  close(): void;
}

/** What came of a request. */
export interface Answer {
  /** 0, a negative errno of the kernel, or the name of what went wrong on the way. */
  readonly errno: number | string;
  /** Payloads of the messages that answer it. */
  readonly parts: readonly Buffer[];
}

/** Message types, and the flag of a dump whose object changed while it was read (netlink(7)). */
const [NOTHING, ERROR, DONE, OVERRUN] = [1, 2, 3, 4];
const DUMP_INTERRUPTED = 0x10;
/** Silence after which an answer will not come. */
const TIMEOUT_MS = 10_000;

/**
 * One request at a time over a socket that is opened when it is needed.
 *
 * An answer is whole or it is an error: of a dump that lost a part nothing is believed. After anything that went wrong
 * on the way the next request starts on a new socket, where nothing of the old one can come.
 */
export class Exchange {
  readonly #openSocket: () => DatagramSocket;
  readonly #timeoutMs: number;
  #socket: DatagramSocket | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #sequence = 0;
  #current: Pending | undefined;

  /** @param timeoutMs silence after which an answer will not come */
  constructor(openSocket: () => DatagramSocket, timeoutMs = TIMEOUT_MS) {
    this.#openSocket = openSocket;
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a request when those before it are answered; rejects never. */
  ask(request: Omit<NetlinkMessage, "sequence">): Promise<Answer> {
    const mine = this.#last.then(() => this.#askNow(request));
    this.#last = mine;
    return mine;
  }

  close(): void {
    this.#current?.fail("ECANCELED");
    this.#drop();
  }

  async #askNow(request: Omit<NetlinkMessage, "sequence">): Promise<Answer> {
    const sequence = (this.#sequence = (this.#sequence % 0xffff_ffff) + 1);
    const pending = (this.#current = new Pending(sequence, this.#timeoutMs));
    try {
      const socket = (this.#socket ??= this.#open());
      socket.ref();
      socket.send(encodeMessage({ ...request, sequence }), undefined, (error) => error && pending.fail(codeOf(error)));
    } catch (error) {
      pending.fail(codeOf(error as Error));
    }
    const answer = await pending.answer;
    this.#current = undefined;
    if (pending.failed) this.#drop();
    else this.#socket?.unref();
    return answer;
  }

  #open(): DatagramSocket {
    const socket = this.#openSocket();
    const current = (): Pending | undefined => (socket === this.#socket ? this.#current : undefined);
    socket.on("message", (datagram, { port }) => port === 0 && current()?.read(datagram));
    socket.on("truncatedMessage", (_, { port }) => port === 0 && current()?.fail("EMSGSIZE"));
    socket.on("error", (error) => {
      current()?.fail(codeOf(error));
      if (socket === this.#socket) this.#drop(); // the library may have closed it already, and tells nobody
    });
    return socket;
  }

  #drop(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
}

/** A request that waits for its answer. */
class Pending {
  readonly #sequence: number;
  readonly #timeoutMs: number;
  readonly #settled = Promise.withResolvers<Answer>();
  readonly #parts: Buffer[] = [];
  #interrupted = false;
  #done = false;
  #timer: NodeJS.Timeout | undefined;
  /** Nobody knows how the answer would have ended. */
  failed = false;

  constructor(sequence: number, timeoutMs: number) {
    this.#sequence = sequence;
    this.#timeoutMs = timeoutMs;
    this.#wait();
  }

  get answer(): Promise<Answer> {
    return this.#settled.promise;
  }

  read(datagram: Buffer): void {
    this.#wait();
    try {
      for (const message of decodeMessages(datagram)) if (message.sequence === this.#sequence) this.#take(message);
    } catch (error) {
      this.fail(messageOf(error));
    }
  }

  fail(why: string): void {
    this.failed ||= !this.#done;
    this.#finish(why);
  }

  #take({ type, flags, payload }: NetlinkMessage): void {
    if (this.#done) return;
    if (flags & DUMP_INTERRUPTED) this.#interrupted = true;
    if (type === OVERRUN) this.fail("ENOBUFS");
    // Both begin with an errno; that of a dump which failed half-way stands in its last message.
    else if (type === ERROR || type === DONE) this.#end(payload);
    else if (type !== NOTHING) this.#parts.push(payload);
  }

  #end(payload: Buffer): void {
    if (payload.length < 4) return this.fail("EBADMSG");
    const errno = payload.readInt32LE();
    this.#finish(errno === 0 && this.#interrupted ? "EINTR" : errno);
  }

  #finish(errno: number | string): void {
    clearTimeout(this.#timer);
    this.#done = true;
    this.#settled.resolve({ errno, parts: this.#parts });
  }

  /** Counts on from what came last: an answer may be long. */
  #wait(): void {
    clearTimeout(this.#timer);
    if (!this.#done) this.#timer = setTimeout(() => this.fail("ETIMEDOUT"), this.#timeoutMs);
  }
}

const codeOf = (error: Error & { code?: string }): string => error.code ?? error.message;
