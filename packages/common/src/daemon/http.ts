import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CommonError, messageOf } from "../errors.ts";
import { showSocketAddress } from "./listen-address.ts";
import type { SocketAddress } from "./listen-address.ts";
import type { Metrics } from "./metrics.ts";

// An import reads every export, of which WebSocket loads undici, HTTP/2 and TLS: 45 ms of a start that takes 80.
const { createServer } = process.getBuiltinModule("node:http");

export interface HttpOptions {
  readonly listen: SocketAddress;
  readonly metrics: Metrics;
  /** Why the daemon is not ready yet; empty when it is. */
  readonly notReady: () => readonly string[];
  /** Conditions, refusals and explain lines: what an operator asks for at night. */
  readonly status: () => unknown;
}

/**
 * Serves `/healthz` (the process answers), `/readyz` (503 with the reasons until ready), `/metrics` and `/status`
 * until `signal` aborts. Read-only; bounded in header size, time and connections.
 *
 * @returns where it listens: the port that the kernel chose, when `listen` asked for port 0
 * @throws {CommonError} `CANNOT_LISTEN`
 */
export async function serveHttp({ listen, metrics, notReady, status }: HttpOptions, signal: AbortSignal): Promise<SocketAddress> {
  const server = createServer({ maxHeaderSize: 8192, requestTimeout: 10_000 }, (request, response) => {
    void answer(request, response).catch((error: unknown) => send(response, 500, messageOf(error)));
  });
  server.maxConnections = 64;
  const answer = async ({ method = "", url = "/" }: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (method !== "GET" && method !== "HEAD") return send(response, 405, "accepted are GET and HEAD");
    switch (url.split("?")[0]) {
      case "/healthz":
        return send(response, 200, "ok");
      case "/readyz": {
        const reasons = notReady();
        return send(response, reasons.length > 0 ? 503 : 200, reasons.join("\n") || "ok");
      }
      case "/metrics":
        return send(response, 200, await metrics.text(), "text/plain; version=0.0.4");
      case "/status":
        return send(response, 200, JSON.stringify(status(), undefined, 2), "application/json");
      default:
        return send(response, 404, "accepted are /healthz, /readyz, /metrics and /status");
    }
  };
  server.listen({ host: listen.host, port: listen.port });
  try {
    await once(server, "listening", { signal });
  } catch (error) {
    throw new CommonError(
      { code: "CANNOT_LISTEN", address: showSocketAddress(listen), reason: messageOf(error) },
      { cause: error },
    );
  }
  signal.addEventListener("abort", () => {
    server.close();
    server.closeAllConnections();
  });
  return { host: listen.host, port: (server.address() as AddressInfo).port };
}

function send(response: ServerResponse, code: number, body: string, type = "text/plain"): void {
  response.writeHead(code, { "content-type": `${type}; charset=utf-8`, "x-content-type-options": "nosniff" });
  response.end(body.endsWith("\n") ? body : `${body}\n`);
}
