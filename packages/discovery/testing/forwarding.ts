import { FakeClock } from "../../common/testing/fake-clock.ts";
import type { Transport } from "../src/answers/responder.ts";
import { Answers } from "../src/forward/answers.ts";
import { Cache } from "../src/forward/cache.ts";
import { Remembered } from "../src/forward/foreign.ts";
import { Forwarder } from "../src/forward/forwarder.ts";
import { UpstreamHealth } from "../src/forward/health.ts";
import type { Upstream } from "../src/forward/upstream.ts";
import { UpstreamWatch } from "../src/forward/watch.ts";
import { twoClusters } from "./mesh.ts";
import type { Served, ServedOptions } from "./served.ts";

/** The whole server but its sockets, with upstreams. */
export interface Forwarding {
  readonly served: Served;
  readonly answers: Answers;
  readonly watch: UpstreamWatch;
  readonly health: UpstreamHealth;
  readonly clock: FakeClock;
  readonly looping: string[];
  /** The answer, at once or later. */
  send(message: Uint8Array, transport?: Transport): Promise<Buffer>;
}

export async function forwarding(upstreams: readonly Upstream[], options: ServedOptions = {}): Promise<Forwarding> {
  const clock = new FakeClock();
  const health = new UpstreamHealth();
  const observer = { asked: () => undefined, overloaded: () => undefined };
  const forwarder = new Forwarder({ upstreams, health, cache: new Cache(() => clock.now()), clock, observer });
  const looping: string[] = [];
  const watch = new UpstreamWatch({ upstreams, health, clock, looping: (upstream) => void looping.push(upstream) });
  const served = await twoClusters({ ...options, foreign: new Remembered(forwarder, watch) });
  const answers = new Answers(served.responder, forwarder);
  const out = Buffer.alloc(65_535);
  const send = async (message: Uint8Array, transport: Transport = "udp"): Promise<Buffer> => {
    const length = answers.respond(message, transport, out);
    if (length >= 0) return Buffer.from(out.subarray(0, length));
    return Buffer.from((await answers.later(transport)) ?? []);
  };
  return { served, answers, watch, health, clock, looping, send };
}
