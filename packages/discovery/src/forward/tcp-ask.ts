import { randomInt } from "node:crypto";
import { connect } from "node:net";
import { messageOf } from "@sdn-tunnel/common/errors";
import { showSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { SocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { DiscoveryError } from "../errors.ts";
import { Frames, frame } from "../listen/frames.ts";
import { repeatsQuestion } from "./echo-check.ts";
import type { UpstreamQuery } from "./upstream.ts";

/** Asks over a TCP connection of its own: for answers that UDP cannot carry, which are few. */
export async function askOverTcp(
  upstream: SocketAddress,
  { message, timeoutMs, signal }: Pick<UpstreamQuery, "message" | "timeoutMs" | "signal">,
): Promise<Uint8Array> {
  const name = showSocketAddress(upstream);
  const id = randomInt(0x10000);
  const query = Uint8Array.from(message);
  query[0] = id >>> 8;
  query[1] = id & 255;
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const unreachable = (reason: string): void => reject(new DiscoveryError({ code: "UPSTREAM_UNREACHABLE", upstream: name, reason }));
  const timer = setTimeout(() => reject(new DiscoveryError({ code: "UPSTREAM_SILENT", upstream: name, afterMs: timeoutMs })), timeoutMs);
  const callOff = (): void => reject(signal.reason as Error);
  if (signal.aborted) callOff();
  signal.addEventListener("abort", callOff, { once: true });
  const socket = connect({ host: upstream.host, port: upstream.port, noDelay: true });
  const frames = new Frames();
  socket.on("error", (error) => unreachable(messageOf(error)));
  socket.on("close", () => unreachable("connection closed"));
  socket.on("connect", () => socket.write(frame(query)));
  socket.on("data", (chunk: Buffer) => {
    frames.push(chunk);
    const reply = frames.next();
    if (!reply) return;
    if (reply[0] === query[0] && reply[1] === query[1] && repeatsQuestion(query, reply)) resolve(reply);
    else unreachable("it answered another question");
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", callOff);
    socket.destroy();
  }
}
