import { randomBytes, timingSafeEqual } from "node:crypto";
import { createSocket } from "node:dgram";
import type { Address } from "@sdn-tunnel/common/net/address";

/** Asks a node for a sign of life. */
export interface EchoProbe {
  /** True when the node answered within `timeoutMs`; never rejects. */
  ask(address: Address, timeoutMs: number): Promise<boolean>;
}

/** What a probe begins with, for those who look at captures; the rest is random. */
const MAGIC = Buffer.from("sdn-tunnel echo\0");

/**
 * Asks over UDP. The other end sends back what it got, byte by byte, or its kernel says that nobody listens there (ICMP
 * port unreachable): both travelled the whole way.
 */
export function createEchoProbe(port: number): EchoProbe {
  return {
    async ask(address, timeoutMs) {
      const payload = Buffer.concat([MAGIC, randomBytes(16)]);
      const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => resolve(false), timeoutMs);
      socket.on("message", (answer) => {
        if (answer.length === payload.length && timingSafeEqual(answer, payload)) resolve(true);
      });
      socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
      // Connected, so that the kernel hands us the ICMP error that belongs to this address.
      socket.connect(port, address, () => socket.send(payload));
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        socket.close();
      }
    },
  };
}
