import { randomBytes } from "node:crypto";
import type { Clock } from "@sdn-tunnel/common/loop/clock";
import { DiscoveryError } from "../errors.ts";
import { limits } from "../limits/limits.ts";
import { TYPE } from "../wire/codes.ts";
import { encodeName } from "../wire/name.ts";
import type { UpstreamHealth } from "./health.ts";
import { forwardQuestion } from "./query.ts";
import type { Upstream, UpstreamQuery } from "./upstream.ts";

const PLAIN = { recursionDesired: true, checkingDisabled: false, edns: false, dnssecOk: false } as const;

const ROOT = new Uint8Array(1);
const rootServers = forwardQuestion(ROOT, ROOT, TYPE.NS, PLAIN).message;

export interface WatchNeeds {
  readonly upstreams: readonly Upstream[];
  readonly health: UpstreamHealth;
  readonly clock: Clock;
  /** An upstream was found to lead back to this server. */
  readonly looping: (upstream: string) => void;
}

/**
 * Looks after the upstreams: each is asked once for a name that nobody can guess, and whoever sends that name to
 * this server leads back to it; those that are down are asked `. NS` until they answer.
 */
export class UpstreamWatch {
  readonly #needs: WatchNeeds;
  /** Upstream by the folded wire name, as latin1, that only it was asked for. */
  readonly #secrets = new Map<string, string>();

  constructor(needs: WatchNeeds) {
    this.#needs = needs;
  }

  /** Looks at a question for a name that is not ours. */
  saw(type: number, folded: Uint8Array, nameLength: number): void {
    if (type !== TYPE.HINFO || this.#secrets.size === 0) return;
    const upstream = this.#secrets.get(Buffer.from(folded.subarray(0, nameLength)).toString("latin1"));
    if (upstream === undefined) return;
    this.#needs.health.loops(upstream);
    this.#needs.looping(upstream);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { upstreams, health, clock } = this.#needs;
    const loops = Promise.all(upstreams.map((upstream) => this.#probeLoop(upstream, signal)));
    while (!signal.aborted) {
      await clock.sleep(limits.upstreamProbeMs, signal);
      const down = upstreams.filter(({ name }) => health.isDown(name) && !health.state(name).loops);
      await Promise.all(down.map((upstream) => this.#probe(upstream, signal)));
    }
    await loops;
  }

  async #probeLoop(upstream: Upstream, signal: AbortSignal): Promise<void> {
    const name = encodeName(`${randomBytes(12).toString("hex")}.${randomBytes(12).toString("hex")}`) ?? ROOT;
    this.#secrets.set(Buffer.from(name).toString("latin1"), upstream.name);
    const { message } = forwardQuestion(name, name, TYPE.HINFO, PLAIN);
    await isAnswered(upstream, { message, transport: "udp", timeoutMs: limits.forwardTryMs, signal });
  }

  async #probe(upstream: Upstream, signal: AbortSignal): Promise<void> {
    const query = { message: rootServers, transport: "udp", timeoutMs: limits.upstreamProbeMs, signal } as const;
    if (await isAnswered(upstream, query)) this.#needs.health.succeeded(upstream.name);
  }
}

/** Whether it was answered at all; why not is known already. */
async function isAnswered(upstream: Upstream, query: UpstreamQuery): Promise<boolean> {
  try {
    await upstream.ask(query);
    return true;
  } catch (error) {
    if (error instanceof DiscoveryError || query.signal.aborted) return false;
    throw error;
  }
}
