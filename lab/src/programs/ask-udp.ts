import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import { parseArgs } from "node:util";

/**
 * Sends one datagram and prints what came of it as a `Reply` in JSON.
 *
 * usage: ask-udp.ts --host ADDRESS --port N [--timeout MS] [--bind ADDRESS]
 *
 * The socket is connected, so that an answer from another address does not count and ICMP errors are seen.
 */
const { values } = parseArgs({
  options: {
    host: { type: "string", default: "" },
    port: { type: "string", default: "8080" },
    timeout: { type: "string", default: "1000" },
    bind: { type: "string" },
  },
});
const started = performance.now();
const socket = createSocket({ type: isIPv6(values.host) ? "udp6" : "udp4" });

function finish(outcome: { ok: boolean; json?: unknown; error?: string; message?: string }): void {
  console.log(JSON.stringify({ ms: Math.round(performance.now() - started), ...outcome }));
  process.exit(0);
}

setTimeout(() => finish({ ok: false, error: "timeout", message: `no answer within ${values.timeout} ms` }), Number(values.timeout));
socket.on("error", (error: NodeJS.ErrnoException) =>
  finish({ ok: false, error: error.code === "ECONNREFUSED" ? "refused" : "unreachable", message: error.message }),
);
socket.on("message", (message: Buffer) => finish({ ok: true, json: JSON.parse(message.toString("utf8")) }));
const ask = () => socket.connect(Number(values.port), values.host, () => socket.send("?"));
if (values.bind === undefined) ask();
else socket.bind(0, values.bind, ask);
