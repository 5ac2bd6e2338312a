import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { familyOf } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";

/** Where a probe goes, and from which of this node's addresses. */
export interface ProbePath {
  readonly from: Address;
  readonly to: Address;
  readonly port: number;
}

/** Told what came back of the probes. */
export interface ProbeListener {
  answered(rttMs: number | undefined): void;
  lost(): void;
}

/** Milliseconds until a probe counts as lost. */
const PATIENCE_MS = 1000;
const PROBE_BYTES = 64;

/** Sends probes along one path. Connected, so that an ICMP port unreachable comes back as an error (udp(7)). */
export class ProbeSocket {
  readonly path: ProbePath;
  readonly #listener: ProbeListener;
  readonly #waiting = new Map<string, number>();
  #socket: Socket | undefined;

  constructor(path: ProbePath, listener: ProbeListener) {
    this.path = path;
    this.#listener = listener;
  }

  /** Sends a probe, and gives up on those that are too old. `now` in milliseconds of any steady clock. */
  tick(now: number): void {
    for (const [token, sentAt] of this.#waiting) {
      if (now - sentAt < PATIENCE_MS) break;
      this.#waiting.delete(token);
      this.#listener.lost();
    }
    const probe = randomBytes(PROBE_BYTES);
    this.#waiting.set(tokenOf(probe), now);
    this.#socket ??= this.#open();
    try {
      this.#socket.send(probe, (error) => error && this.#failed(error));
    } catch {
      // Not connected yet: this probe was never sent and will count as lost.
    }
  }

  /** Says nothing about the probes that are under way: nobody was there to hear their answers. */
  forget(): void {
    this.#waiting.clear();
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  #open(): Socket {
    const { from, to, port } = this.path;
    const socket = createSocket(familyOf(to) === 4 ? "udp4" : "udp6");
    socket.on("message", (answer) => this.#received(answer));
    socket.on("error", (error) => this.#failed(error));
    socket.bind(0, from, () => socket.connect(port, to));
    return socket;
  }

  #received(answer: Buffer): void {
    const sentAt = this.#waiting.get(tokenOf(answer));
    if (sentAt === undefined || answer.length !== PROBE_BYTES) return;
    this.#waiting.delete(tokenOf(answer));
    this.#listener.answered(performance.now() - sentAt);
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (error.code === "ECONNREFUSED") {
      this.#waiting.clear();
      return this.#listener.answered(undefined);
    }
    // The source address is not there (yet), or no route leads there: the probe will count as lost. Start afresh.
    this.close();
  }
}

const tokenOf = (probe: Buffer): string => probe.toString("latin1", 0, 16);
