import { messageOf } from "../errors.ts";
import { decodeMessages, encodeMessage } from "./netlink-message.ts";
import type { NetlinkMessage } from "./netlink-message.ts";

/** What is needed of a netlink socket: datagrams as they come. The library's raw socket has this shape. */
export interface DatagramSocket {
  send(datagram: Uint8Array, options: undefined, sent: (error?: Error & { code?: string }) => void): void;
  on(event: "message" | "truncatedMessage", listener: (datagram: Buffer) => void): unknown;
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
  /** Nobody said that this was the end of it. */
  readonly silent: boolean;
}

/** Message types, and the flag of a dump whose object changed while it was read (netlink(7)). */
const [ERROR, DONE] = [2, 3];
const DUMP_INTERRUPTED = 0x10;
/** Silence after which an answer will not come. */
const TIMEOUT_MS = 10_000;
/** The same once a part was lost, which may have been the last one. */
const SPOILED_TIMEOUT_MS = 500;

/** One request at a time over a socket that is opened when it is needed. */
export class Exchange {
  readonly #openSocket: () => DatagramSocket;
  #socket: DatagramSocket | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #sequence = 0;
  #current: Pending | undefined;

  constructor(openSocket: () => DatagramSocket) {
    this.#openSocket = openSocket;
  }

  /** Sends a request when those before it are answered; rejects never. */
  ask(request: Omit<NetlinkMessage, "sequence">): Promise<Answer> {
    const mine = this.#last.then(() => this.#askNow(request));
    this.#last = mine;
    return mine;
  }

  close(): void {
    this.#current?.finish("ECANCELED");
    this.#socket?.close();
    this.#socket = undefined;
  }

  async #askNow(request: Omit<NetlinkMessage, "sequence">): Promise<Answer> {
    const sequence = (this.#sequence = (this.#sequence % 0xffff_ffff) + 1);
    const pending = (this.#current = new Pending(sequence));
    try {
      const socket = (this.#socket ??= this.#open());
      socket.ref();
      socket.send(encodeMessage({ ...request, sequence }), undefined, (error) => error && pending.finish(codeOf(error)));
    } catch (error) {
      pending.finish(codeOf(error as Error));
    }
    const answer = await pending.answer;
    this.#current = undefined;
    this.#socket?.unref();
    // What may still come of an unanswered request belongs to nobody: the next one starts on a new socket.
    if (answer.silent) this.close();
    return answer;
  }

  #open(): DatagramSocket {
    const socket = this.#openSocket();
    socket.on("message", (datagram) => this.#current?.read(datagram));
    socket.on("truncatedMessage", () => this.#current?.spoil("EMSGSIZE"));
    socket.on("error", (error) => this.#current?.spoil(codeOf(error)));
    return socket;
  }
}

/** A request that waits for its answer. */
class Pending {
  readonly #sequence: number;
  readonly #settled = Promise.withResolvers<Answer>();
  readonly #parts: Buffer[] = [];
  #spoiled: string | undefined;
  #done = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(sequence: number) {
    this.#sequence = sequence;
    this.#wait();
  }

  get answer(): Promise<Answer> {
    return this.#settled.promise;
  }

  read(datagram: Buffer): void {
    try {
      for (const message of decodeMessages(datagram)) if (message.sequence === this.#sequence) this.#take(message);
    } catch (error) {
      this.#spoiled ??= messageOf(error);
    }
    this.#wait();
  }

  /** A part was lost: the end of the answer is waited for, since the kernel runs one dump at a time on a socket. */
  spoil(why: string): void {
    this.#spoiled ??= why;
    this.#wait();
  }

  finish(errno: number | string, silent = false): void {
    clearTimeout(this.#timer);
    this.#done = true;
    this.#settled.resolve({ errno: errno === 0 ? (this.#spoiled ?? 0) : errno, parts: this.#parts, silent });
  }

  #take({ type, flags, payload }: NetlinkMessage): void {
    if (flags & DUMP_INTERRUPTED) this.#spoiled ??= "EINTR";
    // Both begin with an errno; that of a dump which failed half-way stands in its last message.
    if (type === ERROR || type === DONE) this.finish(payload.length >= 4 ? payload.readInt32LE() : "EBADMSG");
    else this.#parts.push(payload);
  }

  #wait(): void {
    clearTimeout(this.#timer);
    if (this.#done) return;
    const patience = this.#spoiled === undefined ? TIMEOUT_MS : SPOILED_TIMEOUT_MS;
    this.#timer = setTimeout(() => this.finish(this.#spoiled ?? "ETIMEDOUT", true), patience);
  }
}

const codeOf = (error: Error & { code?: string }): string => error.code ?? error.message;
