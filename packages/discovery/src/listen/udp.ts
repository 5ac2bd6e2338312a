import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { messageOf } from "@sdn-tunnel/common/errors";
import { showSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { SocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { DiscoveryError } from "../errors.ts";
import { limits } from "../limits/limits.ts";
import { OFFERED_SIZE } from "../wire/edns.ts";
import type { Client, ListenNeeds } from "./answering.ts";
import { knownAddress } from "./known-address.ts";

/**
 * Answers over UDP on one address. On a wildcard address the kernel chooses the source of an answer by its route: on a
 * host with several addresses, listen on each of them by itself.
 */
export class UdpListener {
  readonly port: number;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.address().port;
  }

  /** @throws {DiscoveryError} `CANNOT_LISTEN` */
  static async open(address: SocketAddress, needs: ListenNeeds): Promise<UdpListener> {
    const family = address.host.includes(":") ? 6 : 4;
    const socket = createSocket({ type: family === 4 ? "udp4" : "udp6", lookup: knownAddress });
    const listening = once(socket, "listening"); // emitted by bind() itself, since looking up takes no time
    socket.bind(address.port, address.host);
    try {
      await listening;
    } catch (error) {
      throw new DiscoveryError({ code: "CANNOT_LISTEN", address: `udp ${showSocketAddress(address)}`, reason: messageOf(error) });
    }
    raiseBuffers(socket);
    serve(socket, needs, family);
    return new UdpListener(socket);
  }

  close(): void {
    this.#socket.close();
  }
}

/** The kernel grants what net.core.rmem_max and wmem_max allow; a smaller queue loses queries only in a burst. */
function raiseBuffers(socket: Socket): void {
  socket.setRecvBufferSize(limits.socketBufferBytes);
  socket.setSendBufferSize(limits.socketBufferBytes);
}

/** How an IPv4 client looks to a socket of both families. */
const MAPPED = "::ffff:";

function serve(socket: Socket, { answering, tally }: ListenNeeds, family: 4 | 6): void {
  const [v4, v6]: [Client, Client] = [{ transport: "udp", family: 4 }, { transport: "udp", family: 6 }];
  let open = true;
  socket.on("close", () => (open = false));
  const ring = Array.from({ length: limits.udpAnswersInFlight }, () => Buffer.allocUnsafe(OFFERED_SIZE));
  let turn = 0;
  const sent = (error: Error | null): void => {
    if (error) tally.dropped(family === 4 ? v4 : v6, "not-sent");
  };
  socket.on("message", (message, { port, address }) => {
    const client = family === 4 || address.startsWith(MAPPED) ? v4 : v6;
    if (port === 0) return tally.dropped(client, "no-query"); // forged: nobody can be answered there
    const out = ring[turn] as Buffer;
    const length = answering.respond(message, "udp", out);
    if (length > 0) {
      turn = (turn + 1) % ring.length;
      tally.answered(client, answering.ask.type, (out[3] as number) & 15, length);
      return socket.send(out, 0, length, port, address, sent);
    }
    if (length === 0) return tally.dropped(client, "no-query");
    const { type } = answering.ask;
    void answering.later("udp").then((answer) => {
      if (!answer) return tally.dropped(client, "too-many");
      if (!open) return tally.dropped(client, "not-sent");
      tally.answered(client, type, (answer[3] as number) & 15, answer.length);
      socket.send(answer, port, address, sent);
    });
  });
  // A socket error here is an answer that did not leave (its callback counts it), or an ICMP message about one.
  socket.on("error", () => tally.dropped(family === 4 ? v4 : v6, "not-sent"));
}
