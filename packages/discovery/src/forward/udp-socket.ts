import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { messageOf } from "@sdn-tunnel/common/errors";
import { showSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { SocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { DiscoveryError } from "../errors.ts";
import { limits } from "../limits/limits.ts";
import { knownAddress } from "../listen/known-address.ts";
import { repeatsQuestion } from "./echo-check.ts";
import type { UpstreamQuery } from "./upstream.ts";

interface Waiting {
  readonly query: Uint8Array;
  resolve(reply: Uint8Array): void;
  reject(error: Error): void;
}

/** One socket to one upstream, connected: the kernel chooses a random port and takes in nobody else's datagrams. */
export class UdpSocket {
  readonly #upstream: SocketAddress;
  readonly #socket: Socket;
  readonly #connected: Promise<unknown>;
  readonly #waiting = new Map<number, Waiting>();
  #queries = 0;

  constructor(upstream: SocketAddress) {
    this.#upstream = upstream;
    const family = upstream.host.includes(":") ? 6 : 4;
    this.#socket = createSocket({ type: family === 4 ? "udp4" : "udp6", lookup: knownAddress });
    this.#socket.on("message", (reply) => this.#take(reply));
    this.#socket.on("error", (error) => this.#fail(error));
    this.#connected = once(this.#socket, "connect");
    this.#connected.catch(() => undefined); // whoever asks sees it
    this.#socket.connect(upstream.port, upstream.host);
  }

  /** It has had its share of queries, or one of them failed: the next one should use another port. */
  get spent(): boolean {
    return this.#queries >= limits.forwardQueriesPerSocket;
  }

  async ask({ message, timeoutMs, signal }: Pick<UpstreamQuery, "message" | "timeoutMs" | "signal">): Promise<Uint8Array> {
    this.#queries++;
    await this.#connected.catch((error: unknown) => Promise.reject(this.#unreachable(error)));
    const id = this.#freeId();
    const query = Uint8Array.from(message);
    query[0] = id >>> 8;
    query[1] = id & 255;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const silent = { code: "UPSTREAM_SILENT", upstream: showSocketAddress(this.#upstream), afterMs: timeoutMs } as const;
    const timer = setTimeout(() => reject(new DiscoveryError(silent)), timeoutMs);
    const callOff = (): void => reject(signal.reason as Error);
    if (signal.aborted) callOff();
    signal.addEventListener("abort", callOff, { once: true });
    this.#waiting.set(id, { query, resolve, reject });
    this.#socket.send(query, (error) => error && reject(this.#unreachable(error)));
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", callOff);
      this.#waiting.delete(id);
      if (this.spent && this.#waiting.size === 0) this.close();
    }
  }

  close(): void {
    this.#fail(new Error("closed"));
    this.#queries = limits.forwardQueriesPerSocket;
    try {
      this.#socket.close();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_SOCKET_DGRAM_NOT_RUNNING") throw error;
    }
  }

  #freeId(): number {
    for (;;) {
      const id = randomInt(0x10000);
      if (!this.#waiting.has(id)) return id;
    }
  }

  #take(reply: Uint8Array): void {
    const id = reply.length < 2 ? -1 : ((reply[0] as number) << 8) | (reply[1] as number);
    const waiting = this.#waiting.get(id);
    // Anything else may be forged, or late; the true answer may still come.
    if (waiting && repeatsQuestion(waiting.query, reply)) waiting.resolve(reply);
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(this.#unreachable(error));
  }

  #unreachable(error: unknown): DiscoveryError {
    const upstream = showSocketAddress(this.#upstream);
    return new DiscoveryError({ code: "UPSTREAM_UNREACHABLE", upstream, reason: messageOf(error) }, { cause: error });
  }
}
