import { once } from "node:events";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { messageOf } from "@sdn-tunnel/common/errors";
import { showSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { SocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { DiscoveryError } from "../errors.ts";
import { limits } from "../limits/limits.ts";
import type { ListenNeeds } from "./answering.ts";
import { TcpConversation } from "./tcp-conversation.ts";

/** Answers over TCP on one address (RFC 7766): many queries per connection, answered as they are ready. */
export class TcpListener {
  readonly #server: Server;
  readonly #open: ReadonlySet<Socket>;

  private constructor(server: Server, open: ReadonlySet<Socket>) {
    this.#server = server;
    this.#open = open;
  }

  /** @throws {DiscoveryError} `CANNOT_LISTEN` */
  static async open(address: SocketAddress, needs: ListenNeeds): Promise<TcpListener> {
    const open = new Set<Socket>();
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      open.add(socket);
      socket.once("close", () => open.delete(socket));
      new TcpConversation(socket, needs).start();
    });
    server.maxConnections = limits.tcpConnections;
    server.on("drop", (data) => needs.tally.dropped({ transport: "tcp", family: data?.remoteFamily === "IPv6" ? 6 : 4 }, "too-many"));
    server.listen({ host: address.host, port: address.port });
    try {
      await once(server, "listening");
    } catch (error) {
      throw new DiscoveryError({ code: "CANNOT_LISTEN", address: `tcp ${showSocketAddress(address)}`, reason: messageOf(error) });
    }
    return new TcpListener(server, open);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }
}
