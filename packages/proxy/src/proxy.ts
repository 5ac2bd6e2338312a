import { REMOVAL_GRACE_MS } from "@sdn-tunnel/common/admit/removal";
import { nodeKey } from "@sdn-tunnel/common/admit/view";
import type { NodeKey, Touched } from "@sdn-tunnel/common/admit/view";
import type { Log } from "@sdn-tunnel/common/daemon/log";
import { conditionsOf } from "@sdn-tunnel/common/daemon/status";
import type { Condition } from "@sdn-tunnel/common/daemon/status";
import { messageOf } from "@sdn-tunnel/common/errors";
import type { KernelChange } from "@sdn-tunnel/common/kernel/watch";
import { PassLoop } from "@sdn-tunnel/common/loop/pass-loop";
import type { PassObserver, PassScope } from "@sdn-tunnel/common/loop/pass-loop";
import type { MeshFeed } from "@sdn-tunnel/common/sources/mesh-feed";
import type { Health } from "./health/health.ts";
import { NODE, ServicePass } from "./pass.ts";
import type { PassConfig, PassKey, PassNeeds } from "./pass.ts";
import type { BackendDecision } from "./services/choose.ts";
import { describeStatus, measureState } from "./status.ts";

/** Milliseconds that a burst of changes may gather. */
const COALESCE_MS = 5;
/** Milliseconds between full passes when nothing happens; each reads the whole table. */
const AUDIT_MS = 120_000;

export interface ProxyNeeds extends PassNeeds {
  readonly feed: MeshFeed;
  readonly health: Health;
  readonly log: Log;
  readonly decision: BackendDecision;
}

/** The running daemon: what happens marks keys, the loop passes over them. */
export class Proxy {
  readonly #config: PassConfig;
  readonly #needs: ProxyNeeds;
  readonly #pass: ServicePass;
  readonly #loop: PassLoop<PassKey>;
  #passed = false;

  constructor(config: PassConfig, needs: ProxyNeeds) {
    this.#config = config;
    this.#needs = needs;
    this.#pass = new ServicePass(config, needs);
    this.#loop = new PassLoop<PassKey>({
      pass: (scope) => this.#pass.run(scope),
      observer: this.#observer(),
      clock: needs.clock,
      coalesceMs: COALESCE_MS,
      auditMs: AUDIT_MS,
      backoff: { firstMs: 100, lastMs: 30_000 },
    });
    needs.feed.onTouched((touched) => this.#touched(touched));
  }

  /** Runs until `signal` aborts; what is in the kernel stays there. */
  async run(signal: AbortSignal): Promise<void> {
    const { feed, health, clock, log, decision, metrics } = this.#needs;
    log.info({ ...decision }, "backend chosen");
    metrics.backend.set(1, { backend: decision.name, reason: decision.reason });
    await health.look();
    const grace = clock.sleep(REMOVAL_GRACE_MS, signal).then(() => this.#loop.markAll());
    const follow = health.follow((nodes) => this.#healthChanged(nodes), signal);
    await Promise.all([feed.run(signal), this.#loop.run(signal), follow, grace]);
  }

  /** Somebody else changed links, routes or rules: ours may be gone, and what the node needs may be another. */
  kernelChanged(change: KernelChange): void {
    if (change.kind !== "ours" || change.table !== 5555) this.#loop.mark([NODE]);
  }

  notReady(): string[] {
    return [...this.#needs.feed.notReady(), ...(this.#passed ? [] : ["no full pass has succeeded yet"])];
  }

  status(): unknown {
    const { feed, isDown, decision } = this.#needs;
    return describeStatus({ view: feed.state, pass: this.#pass, isDown, decision, conditions: () => this.#conditions() });
  }

  #conditions(): Condition[] {
    const { feed, health } = this.#needs;
    const unread = health.problem === undefined ? [] : [{ object: "health.json", type: "InvalidObject", message: health.problem }];
    return [...conditionsOf([...feed.refusals(), ...this.#pass.refusals], feed.health()), ...this.#pass.routeConditions, ...unread];
  }

  #touched({ clusters, nodes, services }: Touched): void {
    if (clusters.size > 0) return this.#loop.markAll();
    this.#loop.mark(services);
    const own = nodeKey(this.#config.clusterName, this.#config.nodeName);
    // Nodes bring WireGuard endpoints, which the lifeline looks at; this node's own brings its addresses.
    if (nodes.size > 0) this.#loop.mark([NODE]);
    if (nodes.has(own)) this.#needs.log.debug({ node: own }, "own node changed");
  }

  #healthChanged(nodes: readonly NodeKey[]): void {
    const { log, isDown } = this.#needs;
    for (const node of nodes) {
      log.info({ node, up: !isDown(node) }, "node health changed");
      this.#loop.mark(this.#pass.aims.catalog.servicesOn(node));
    }
  }

  #observer(): PassObserver<PassKey> {
    const { log, metrics, health, feed } = this.#needs;
    const nameOf = ({ full }: PassScope<PassKey>): string => (full ? "full" : "event");
    return {
      passed: (scope, ms, failed) => {
        this.#passed ||= scope.full && failed.size === 0 && feed.notReady().length === 0;
        metrics.pass.observe(ms / 1000, { scope: nameOf(scope) });
        measureState(this.#pass, health.down.size, metrics);
        for (const [key, reason] of failed) log.warn({ key, reason }, "cannot apply; will be tried again");
        log.debug({ scope: nameOf(scope), keys: scope.keys.size, ms }, "passed");
      },
      threw: (scope, error, retryInMs) => {
        metrics.failedPasses.inc();
        log.error({ scope: nameOf(scope), error: messageOf(error), retryInMs }, "pass failed; a full one follows");
      },
    };
  }
}
