import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { getSystemErrorName } from "node:util";
import { messageOf } from "@sdn-tunnel/common/errors";
import { TunnelError } from "../errors.ts";
import type { PublicKey, SecretKey } from "../keys/key.ts";
import type { DeviceState, PeerFailure, WireguardDevice } from "./device.ts";
import type { PeerOp } from "./peer.ts";
import { encodeOp, encodeSettings, encodeThrowAway, parseAnswer } from "./uapi-text.ts";
import { showPeerOp } from "./show.ts";

/** Where wireguard-go puts its sockets. */
export const SOCKET_FOLDER = "/var/run/wireguard";
const TIMEOUT_MS = 5000;
/** An answer is bounded: 10,000 peers with 64 prefixes each take about 30 MB. */
const MAX_ANSWER = 64 << 20;

/** Userspace WireGuard by its socket: what wg(8) speaks to wireguard-go. */
export class UapiDevice implements WireguardDevice {
  readonly name: string;
  readonly #socket: string;
  /** Releases before May 2025 cannot take a single prefix from a peer; learned at the first refusal. */
  #takesPrefixesBack = true;

  constructor(name: string, folder = SOCKET_FOLDER) {
    this.name = name;
    this.#socket = `${folder}/${name}.sock`;
  }

  async observe(): Promise<DeviceState> {
    const text = await this.#ask("get=1\n\n", `wg show ${this.name} dump`);
    try {
      return parseAnswer(text).state;
    } catch (error) {
      throw new TunnelError({ code: "DEVICE_UNREADABLE", device: this.name, problem: messageOf(error) }, { cause: error });
    }
  }

  async configure({ privateKey, listenPort }: { readonly privateKey: SecretKey; readonly listenPort: number }): Promise<void> {
    const [key, port] = [`wg set ${this.name} private-key (hidden)`, `wg set ${this.name} listen-port ${listenPort}`];
    await this.#set(encodeSettings({ privateKey }), key);
    await this.#set(encodeSettings({ listenPort }), port);
  }

  async apply(ops: readonly PeerOp[]): Promise<{ done: PeerOp[]; failed: PeerFailure[] }> {
    const done: PeerOp[] = [];
    const failed: PeerFailure[] = [];
    for (const op of ops) {
      try {
        await this.#applyOne(op);
        done.push(op);
      } catch (error) {
        if (!(error instanceof TunnelError) || error.fault.code !== "DEVICE_REFUSED") throw error;
        failed.push({ op, errno: error.fault.errno });
      }
    }
    return { done, failed };
  }

  async #applyOne(op: PeerOp): Promise<void> {
    const operation = showPeerOp(this.name, op);
    if (op.kind !== "drop-prefixes") return this.#set(encodeOp(op), operation);
    if (this.#takesPrefixesBack) {
      try {
        return await this.#set(encodeOp(op), operation);
      } catch (error) {
        if (!(error instanceof TunnelError && error.fault.code === "DEVICE_REFUSED" && error.fault.errno === "EINVAL")) throw error;
        this.#takesPrefixesBack = false;
      }
    }
    const nobody = randomBytes(32).toString("base64") as PublicKey;
    return this.#set(encodeThrowAway(op.prefixes, nobody), operation);
  }

  async #set(request: string, operation: string): Promise<void> {
    await this.#ask(request, operation);
  }

  /** Sends one request; resolves to its answer, status line included. */
  async #ask(request: string, operation: string): Promise<string> {
    const answer = await this.#exchange(request).catch((error: NodeJS.ErrnoException) => {
      throw this.#explain(error, operation);
    });
    const errno = Number(/(?:^|\n)errno=(-?\d+)\n\n$/.exec(answer)?.[1] ?? Number.NaN);
    if (errno === 0) return answer;
    const name = Number.isNaN(errno) ? "half an answer" : getSystemErrorName(-Math.abs(errno));
    throw new TunnelError({ code: "DEVICE_REFUSED", operation, errno: name });
  }

  #exchange(request: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const socket = connect({ path: this.#socket, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const parts: string[] = [];
    let size = 0;
    socket.setEncoding("latin1");
    socket.on("connect", () => socket.write(request));
    socket.on("data", (part: string) => {
      parts.push(part);
      size += part.length;
      const tail = part.length >= 2 ? part : parts.slice(-2).join("");
      if (size > MAX_ANSWER) socket.destroy(new Error(`its answer is longer than ${MAX_ANSWER} bytes`));
      else if (tail.endsWith("\n\n")) socket.end(() => resolve(parts.join("")));
    });
    socket.on("close", () => resolve(parts.join("")));
    socket.on("error", reject);
    return promise.finally(() => socket.destroy());
  }

  #explain(error: NodeJS.ErrnoException, operation: string): TunnelError {
    const { name: device } = this;
    if (error.code === "EACCES" || error.code === "EPERM")
      return new TunnelError({ code: "NO_PERMISSION", operation, reason: `${this.#socket} answers ${error.code}` }, { cause: error });
    const reasons: Record<string, string> = {
      ENOENT: "its socket is not there",
      ECONNREFUSED: "its socket is stale: the process behind it is gone",
      ABORT_ERR: `it did not answer within ${TIMEOUT_MS} ms`,
    };
    const reason = reasons[error.code ?? ""] ?? error.message;
    return new TunnelError({ code: "DEVICE_ABSENT", device, socket: this.#socket, reason }, { cause: error });
  }
}
