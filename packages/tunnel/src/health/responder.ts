import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { familyOf, parseAddress } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";

/** Answers per second at most, over all peers: 1,000 nodes that probe twice a second, and as much again. */
const ANSWERS_PER_SECOND = 4000;
/** Longer datagrams are no probes of ours. */
const MAX_BYTES = 9000;

export interface ResponderOptions {
  readonly port: number;
  /** Whether an address may ask: it lies inside the pins of a cluster in force. */
  readonly admits: (source: Address) => boolean;
  readonly dropped: (reason: "source" | "rate" | "size") => void;
}

/** Echoes datagrams, unchanged and thus never longer than asked, so that peers can tell that the path works. */
export class EchoResponder {
  readonly #options: ResponderOptions;
  readonly #sockets = new Map<Address, Socket>();
  #second = 0;
  #answers = 0;

  constructor(options: ResponderOptions) {
    this.#options = options;
  }

  /**
   * Listens on exactly these addresses; the others are closed.
   *
   * @returns those on which it could not, with the error
   */
  async listen(addresses: readonly Address[]): Promise<ReadonlyMap<Address, Error>> {
    for (const [address, socket] of this.#sockets) {
      if (addresses.includes(address)) continue;
      socket.close();
      this.#sockets.delete(address);
    }
    const failed = new Map<Address, Error>();
    for (const address of addresses) {
      if (this.#sockets.has(address)) continue;
      await this.#open(address).catch((error: Error) => failed.set(address, error));
    }
    return failed;
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  async #open(address: Address): Promise<void> {
    const socket = createSocket(familyOf(address) === 4 ? "udp4" : "udp6");
    socket.on("message", (datagram, { address: source, port }) => this.#answer(socket, datagram, { source, port }));
    socket.bind(this.#options.port, address);
    try {
      await once(socket, "listening");
    } catch (error) {
      socket.close();
      throw error;
    }
    // A lost answer is what the prober is there to notice.
    socket.on("error", () => undefined);
    this.#sockets.set(address, socket);
  }

  #answer(socket: Socket, datagram: Buffer, { source, port }: { source: string; port: number }): void {
    const { admits, dropped } = this.#options;
    if (datagram.length > MAX_BYTES) return dropped("size");
    if (source.includes("%") || !admits(parseAddress(source))) return dropped("source");
    if (!this.#withinRate()) return dropped("rate");
    socket.send(datagram, port, source, () => undefined);
  }

  #withinRate(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) [this.#second, this.#answers] = [second, 0];
    this.#answers += 1;
    return this.#answers <= ANSWERS_PER_SECOND;
  }
}
