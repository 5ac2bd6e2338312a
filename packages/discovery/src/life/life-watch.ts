import type { ClusterView, MeshView } from "@sdn-tunnel/common/admit/view";
import type { Clock } from "@sdn-tunnel/common/loop/clock";
import { limits } from "../limits/limits.ts";
import type { EchoProbe } from "./echo.ts";
import { Silence } from "./silence.ts";
import type { ProbeTarget, SilenceOptions } from "./silence.ts";

export interface LifeNeeds {
  readonly view: MeshView;
  readonly probe: EchoProbe;
  readonly clock: Clock;
  /** A cluster died, or came back. */
  readonly changed: (cluster: string, dead: boolean) => void;
}

/** Watches whether remote clusters are alive: the data path alone decides, not the source of objects. */
export class LifeWatch {
  readonly #needs: LifeNeeds;
  readonly #silences = new Map<string, Silence>();
  readonly #dead = new Set<string>();

  constructor(needs: LifeNeeds) {
    this.#needs = needs;
  }

  isDead(cluster: string): boolean {
    return this.#dead.has(cluster);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await Promise.all([this.#round(), this.#needs.clock.sleep(limits.lifeProbeMs, signal)]);
    }
  }

  async #round(): Promise<void> {
    const { view } = this.#needs;
    const remotes = [...view.clusters.values()].filter(({ local }) => !local);
    const targets = Map.groupBy(view.nodes.values(), ({ cluster }) => cluster);
    for (const name of this.#silences.keys()) if (!remotes.some((remote) => remote.name === name)) this.#forget(name);
    await Promise.all(
      remotes.map((cluster) =>
        this.#probe(cluster, (targets.get(cluster.name) ?? []).map(({ name, addresses }) => ({ node: name, addresses }))),
      ),
    );
  }

  async #probe({ name, config }: ClusterView, all: readonly ProbeTarget[]): Promise<void> {
    const { clock, probe } = this.#needs;
    const options: SilenceOptions = { intervalMs: limits.lifeProbeMs, deadAfterMs: config.deadAfter };
    const targets = all.filter(({ addresses }) => addresses.length > 0);
    const silence = this.#silences.get(name) ?? new Silence(clock.now());
    this.#silences.set(name, silence);
    const asked = silence.next(targets, options);
    await Promise.all(
      asked.map(async ({ node, addresses }) => {
        const answers = await Promise.all(addresses.map((address) => probe.ask(address, limits.lifeProbeMs * 0.9)));
        if (answers.includes(true)) silence.heard(node, clock.now());
      }),
    );
    this.#settle(name, silence.isDead(targets, clock.now(), options));
  }

  #settle(cluster: string, dead: boolean): void {
    if (dead === this.#dead.has(cluster)) return;
    if (dead) this.#dead.add(cluster);
    else this.#dead.delete(cluster);
    this.#needs.changed(cluster, dead);
  }

  #forget(cluster: string): void {
    this.#silences.delete(cluster);
    this.#dead.delete(cluster);
  }
}
