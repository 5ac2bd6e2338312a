import { randomInt } from "node:crypto";
import { showSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { SocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { limits } from "../limits/limits.ts";
import { askOverTcp } from "./tcp-ask.ts";
import { UdpSocket } from "./udp-socket.ts";
import type { Upstream, UpstreamQuery } from "./upstream.ts";

/** An upstream on the network. UDP queries are spread over sockets with random ports (RFC 5452 §9.2). */
export class NetworkUpstream implements Upstream {
  readonly name: string;
  readonly #address: SocketAddress;
  readonly #sockets: (UdpSocket | undefined)[] = [];

  constructor(address: SocketAddress) {
    this.name = showSocketAddress(address);
    this.#address = address;
  }

  async ask(query: UpstreamQuery): Promise<Uint8Array> {
    const { message } = query;
    const reply = await (query.transport === "tcp" ? askOverTcp(this.#address, query) : this.#socket().ask(query));
    reply[0] = message[0] as number;
    reply[1] = message[1] as number;
    return reply;
  }

  close(): void {
    for (const socket of this.#sockets) socket?.close();
    this.#sockets.length = 0;
  }

  #socket(): UdpSocket {
    const index = randomInt(limits.forwardSockets);
    const socket = this.#sockets[index];
    if (socket && !socket.spent) return socket;
    const fresh = new UdpSocket(this.#address);
    this.#sockets[index] = fresh;
    return fresh;
  }
}
