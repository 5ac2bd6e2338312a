import type { NodeKey } from "@sdn-tunnel/common/admit/view";
import type { Clock } from "@sdn-tunnel/common/loop/clock";
import { noteAnswer, noteLoss, startLiveness } from "./liveness.ts";
import type { Liveness } from "./liveness.ts";
import { ProbeSocket } from "./probe-socket.ts";
import type { ProbeListener, ProbePath } from "./probe-socket.ts";

const INTERVAL_MS = 500;
/** After a longer gap between two rounds this process was not there to hear: it was stopped, or had no processor. */
const STALL_MS = 2 * INTERVAL_MS;

export interface ProberNeeds {
  readonly clock: Clock;
  /** A node went up or down. */
  readonly changed: (node: NodeKey, liveness: Liveness) => void;
  /** What the last agent knew of a node, if that is not long ago. */
  readonly remembered: (node: NodeKey) => boolean | undefined;
  readonly openSocket?: (path: ProbePath, listener: ProbeListener) => Probing;
}

type Probing = Pick<ProbeSocket, "path" | "tick" | "forget" | "close">;

interface Target {
  liveness: Liveness;
  socket: Probing;
}

/** Probes every remote node twice a second and keeps what that says of each. */
export class Prober {
  readonly #needs: ProberNeeds;
  readonly #targets = new Map<NodeKey, Target>();

  constructor(needs: ProberNeeds) {
    this.#needs = needs;
  }

  /** Probes a node along this path from now on, or (`undefined`) not any more. */
  follow(node: NodeKey, path: ProbePath | undefined): void {
    const before = this.#targets.get(node);
    if (before && path && samePath(before.socket.path, path)) return;
    before?.socket.close();
    if (path) this.#targets.set(node, this.#target(node, path, before));
    else this.#targets.delete(node);
  }

  livenessOf(node: NodeKey): Liveness | undefined {
    return this.#targets.get(node)?.liveness;
  }

  /** Probes until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    let last = performance.now();
    while (!signal.aborted) {
      const now = performance.now();
      for (const { socket } of this.#targets.values()) {
        if (now - last > STALL_MS) socket.forget();
        socket.tick(now);
      }
      last = now;
      await this.#needs.clock.sleep(INTERVAL_MS, signal);
    }
    for (const { socket } of this.#targets.values()) socket.close();
    this.#targets.clear();
  }

  #target(node: NodeKey, path: ProbePath, before: Target | undefined): Target {
    const { clock, remembered, openSocket = (to, listener) => new ProbeSocket(to, listener) } = this.#needs;
    const socket = openSocket(path, {
      answered: (rttMs) => this.#note(node, (state) => noteAnswer(state, clock.now(), rttMs)),
      lost: () => this.#note(node, (state) => noteLoss(state, clock.now())),
    });
    return { liveness: before?.liveness ?? startLiveness(clock.now(), remembered(node)), socket };
  }

  #note(node: NodeKey, step: (state: Liveness) => Liveness): void {
    const target = this.#targets.get(node);
    if (!target) return;
    const before = target.liveness.up;
    target.liveness = step(target.liveness);
    if (target.liveness.up !== before) this.#needs.changed(node, target.liveness);
  }
}

const samePath = (a: ProbePath, b: ProbePath): boolean => a.from === b.from && a.to === b.to && a.port === b.port;
