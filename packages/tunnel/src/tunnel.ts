import { REMOVAL_GRACE_MS } from "@sdn-tunnel/common/admit/removal";
import { nodeKey } from "@sdn-tunnel/common/admit/view";
import type { NodeKey, Touched } from "@sdn-tunnel/common/admit/view";
import { messageOf } from "@sdn-tunnel/common/errors";
import type { Condition } from "@sdn-tunnel/common/daemon/status";
import type { KernelChange } from "@sdn-tunnel/common/kernel/watch";
import { PassLoop } from "@sdn-tunnel/common/loop/pass-loop";
import type { PassObserver, PassScope } from "@sdn-tunnel/common/loop/pass-loop";
import type { MeshFeed } from "@sdn-tunnel/common/sources/mesh-feed";
import type { TunnelConfig } from "./config.ts";
import { EndpointNames } from "./endpoints/names.ts";
import type { NameLookup } from "./endpoints/resolver.ts";
import type { HealthKeeper } from "./health/keeper.ts";
import { TunnelPass } from "./pass.ts";
import type { PassResult, TunnelPassNeeds } from "./pass.ts";
import { showDriver } from "./peers/driver.ts";
import type { Driver } from "./peers/driver.ts";
import { refusalsOf, showGauges, statusOf } from "./report.ts";
import { settle } from "./settle.ts";
import type { SettleNeeds } from "./settle.ts";

/** Milliseconds that a burst of changes may gather. */
const COALESCE_MS = 20;
/** Milliseconds between full passes when nothing happens; each reads the device, the routes and the packet rules. */
const AUDIT_MS = 30_000;
/** Milliseconds that changes of other people's routes may gather: pods come and go all the time. */
const FOREIGN_MS = 1000;

const TOPOLOGY = "mesh: every node is an end of the tunnel";

export interface TunnelNeeds
  extends Omit<TunnelPassNeeds, "resolved" | "settled" | "view">, Pick<SettleNeeds, "metrics" | "log"> {
  readonly feed: MeshFeed;
  readonly health: HealthKeeper;
  readonly lookup: NameLookup;
  readonly driver: Driver;
  /** Which way pods reach the tunnel, and why. */
  readonly wiring: () => string;
  /** Chains of others that stay closed to the tunnel. */
  readonly closedChains: () => readonly Condition[];
}

/** The running daemon: what happens marks nodes, the loop passes over them. */
export class Tunnel {
  readonly pass: TunnelPass;
  readonly #config: TunnelConfig;
  readonly #needs: TunnelNeeds;
  readonly #loop: PassLoop<NodeKey>;
  readonly #names: EndpointNames;
  #signal = AbortSignal.abort();
  readonly #started = Promise.withResolvers<void>();
  #foreign = false;
  /** Why the last pass failed; absent when it did not. */
  #trouble: string | undefined = "no pass has succeeded yet";

  constructor(config: TunnelConfig, needs: TunnelNeeds) {
    this.#config = config;
    this.#needs = needs;
    const { lookup, clock, metrics, log, feed, driver } = needs;
    metrics.deviceDriver.set(1, { driver: driver.kind, reason: driver.reason });
    this.#names = new EndpointNames({
      lookup,
      clock,
      changed: (name) => this.#loop.mark(this.pass.planner.usersOf(name)),
      failed: (name, error) => {
        metrics.endpointFailures.inc({ name });
        log.warn({ name, error: messageOf(error) }, "cannot resolve an endpoint; its last addresses are kept");
      },
    });
    const settled = (result: PassResult): Promise<void> => this.#settled(result);
    this.pass = new TunnelPass(config, { ...needs, view: feed.state, resolved: (name) => this.#names.addressesOf(name), settled });
    this.#loop = new PassLoop<NodeKey>({
      pass: this.pass.run,
      observer: this.#observer(),
      clock,
      coalesceMs: COALESCE_MS,
      auditMs: AUDIT_MS,
      backoff: { firstMs: 100, lastMs: 1000 },
    });
    feed.onTouched((touched) => this.#touched(touched));
    feed.onLocalNode(config.nodeName, () => this.#loop.markAll());
  }

  /** Runs until `signal` aborts; what is in the kernel stays there. */
  async run(signal: AbortSignal): Promise<void> {
    const { feed, clock, health } = this.#needs;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#started.resolve(), { once: true });
    const grace = clock.sleep(REMOVAL_GRACE_MS, signal).then(() => this.#loop.markAll());
    // Without the local cluster, a pass would find that nothing is wanted of what is there.
    const passing = this.#started.promise.then(() => this.#loop.run(signal));
    await Promise.all([feed.run(signal), passing, health.run(signal), grace]);
  }

  /** Flows in the SDN's bridge may be gone, or the bridge may be another. */
  bridgeChanged(): void {
    this.#loop.markAll();
  }

  /** Somebody else changed our nftables table, or a chain that has to let the tunnel in. */
  rulesetChanged(): void {
    this.#loop.markAll();
  }

  /** Somebody else changed links, routes or rules: ours may be gone, and what the node needs may be another. */
  kernelChanged(change: KernelChange): void {
    if (this.pass.mustReadAfter(change)) this.#loop.markAll();
    if (change.kind !== "foreign" || this.#foreign) return;
    this.#foreign = true;
    void this.#needs.clock.sleep(FOREIGN_MS, this.#signal).then(() => {
      this.#foreign = false;
      this.#loop.markAll();
    });
  }

  notReady(): string[] {
    return [...this.#needs.feed.notReady(), ...(this.#trouble === undefined ? [] : [this.#trouble])];
  }

  status() {
    const { feed, health, clock, driver, wiring, closedChains } = this.#needs;
    const dataPlane = { wireguard: showDriver(driver), wiring: wiring(), topology: TOPOLOGY };
    const { conditions, nodes } = statusOf({ pass: this.pass, feed, health }, clock.now());
    return { waitingFor: this.notReady(), dataPlane, conditions: [...closedChains(), ...conditions], nodes };
  }

  #touched({ clusters, nodes }: Touched): void {
    if (this.#needs.feed.notReady().length === 0) this.#started.resolve();
    // This node's own object: somebody else wrote or deleted what we publish.
    const own = nodes.has(nodeKey(this.#config.clusterName, this.#config.nodeName));
    if (own || clusters.size > 0) this.#loop.markAll();
    else this.#loop.mark(nodes);
  }

  async #settled(result: PassResult): Promise<void> {
    const { feed, health, metrics, log, device } = this.#needs;
    const needs = { view: feed.state, planner: this.pass.planner, names: this.#names, health, metrics, log };
    await settle(this.#config, needs, result, this.#signal);
    if (result.nodes) return;
    showGauges(metrics, { pass: this.pass, feed, health }, device.name);
    for (const { object, reason, detail } of refusalsOf({ pass: this.pass, feed })) log.debug({ object, reason, detail }, "refused");
  }

  #observer(): PassObserver<NodeKey> {
    const { log, metrics } = this.#needs;
    const nameOf = ({ full }: PassScope<NodeKey>): string => (full ? "full" : "event");
    return {
      passed: (scope, ms, failed) => {
        if (this.#trouble !== undefined) log.info({ scope: nameOf(scope), ms }, "converged");
        this.#trouble = failed.size === 0 ? undefined : `${failed.size} nodes could not be applied`;
        metrics.pass.observe(ms / 1000, { scope: nameOf(scope) });
        log.debug({ scope: nameOf(scope), keys: scope.keys.size, ms }, "passed");
      },
      threw: (scope, error, retryInMs) => {
        metrics.failures.inc({ kind: "pass" });
        const trouble = messageOf(error);
        const level = trouble === this.#trouble ? "debug" : "error";
        this.#trouble = trouble;
        log[level]({ scope: nameOf(scope), error: trouble, retryInMs }, "pass failed; a full one follows");
      },
    };
  }
}
