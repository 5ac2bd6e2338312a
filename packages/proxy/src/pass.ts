import { isDeepEqual } from "@sdn-tunnel/common/admit/equal";
import { refuseCutOffs } from "@sdn-tunnel/common/admit/lifeline";
import type { NodeNeeds } from "@sdn-tunnel/common/admit/lifeline";
import type { Refusal } from "@sdn-tunnel/common/admit/refusal";
import { nodeKey } from "@sdn-tunnel/common/admit/view";
import type { MeshView, NodeKey, ServiceKey } from "@sdn-tunnel/common/admit/view";
import type { Condition } from "@sdn-tunnel/common/daemon/status";
import type { RoutingFailure, RoutingOp, RoutingTable } from "@sdn-tunnel/common/kernel/route";
import type { Clock } from "@sdn-tunnel/common/loop/clock";
import type { PassScope } from "@sdn-tunnel/common/loop/pass-loop";
import type { Address } from "@sdn-tunnel/common/net/address";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { Conntrack } from "./conntrack/conntrack.ts";
import { staleFlows, strayFlows, touchedUdp } from "./conntrack/plan.ts";
import { ProxyError } from "./errors.ts";
import type { ProxyMetrics } from "./metrics.ts";
import { Aims } from "./services/aims.ts";
import type { Backend, Change, ChangeFailure } from "./services/backend.ts";
import { diffServers } from "./services/diff.ts";
import { restrain } from "./services/restrain.ts";
import type { IsDown } from "./services/select.ts";
import type { ServerKey } from "./services/server.ts";
import { Shadow } from "./services/shadow.ts";
import type { TargetKey } from "./services/target.ts";
import { judgeClaims } from "./vips/claims.ts";
import { Endpoints } from "./vips/endpoints.ts";
import type { HostNetwork } from "./vips/host.ts";
import { ownAddresses } from "./vips/own-addresses.ts";
import { diffRoutes } from "./vips/routes.ts";
import type { RouteChanges } from "./vips/routes.ts";

/** What an event may be about: a Service, a node's MeshNode, this node's own network, or connections that were let go on. */
export type PassKey = ServiceKey | NodeKey | typeof NODE | typeof DRAINS;
export const NODE = "node";
export const DRAINS = "drains";

export interface PassConfig {
  readonly clusterName: string;
  readonly nodeName: string;
  readonly addresses: readonly Address[];
  readonly nodeIPs: readonly Address[];
  readonly skipLifeline: boolean;
}

export interface PassNeeds {
  readonly view: MeshView;
  readonly isDown: IsDown;
  readonly backend: Backend;
  /** The backend that another start may have used: what it left is removed when this one serves in its place. */
  readonly retired?: { retire(removable: (address: Address) => boolean): Promise<void> };
  readonly routing: RoutingTable;
  readonly conntrack: Conntrack;
  readonly host: HostNetwork;
  /** What this node needs to stay reachable. */
  readonly nodeNeeds: () => Promise<NodeNeeds>;
  /** Pod prefixes behind this node, as far as flags and its Node object say. */
  readonly nodeSubnets: () => readonly Prefix[];
  readonly metrics: ProxyMetrics;
  readonly clock: Clock;
}

/** One pass: view → plan → diff → apply, for the Services of an event or, against the kernel, for all. */
export class ServicePass {
  readonly aims: Aims;
  readonly #config: PassConfig;
  readonly #needs: PassNeeds;
  readonly #startedAt: number;
  readonly #endpoints = new Endpoints();
  /** Endpoints in prefixes of remote clusters, as last judged. */
  #claimedEndpoints: NodeNeeds["addresses"] = [];
  #claims = judgeClaims([], [], 0);
  #shadow: Shadow | undefined;
  /** The kernel refused something: what it holds may not be what the shadow says. */
  #inDoubt = false;
  /** UDP servers whose flows are still to be looked at, with their targets; kept until that succeeded. */
  readonly #flowsToCheck = new Map<ServerKey, ReadonlySet<TargetKey>>();
  /** Prefixes in which somebody else may have translated flows until now. */
  readonly #newlyGuarded = new Set<Prefix>();
  #refusals: readonly Refusal[] = [];
  #routeConditions: readonly Condition[] = [];

  constructor(config: PassConfig, needs: PassNeeds) {
    this.#config = config;
    this.#needs = needs;
    this.#startedAt = needs.clock.now();
    this.aims = new Aims(config.clusterName, needs);
  }

  /** Clusters that are refused on this node alone. */
  get refusals(): readonly Refusal[] {
    return this.#refusals;
  }

  get routeConditions(): readonly Condition[] {
    return this.#routeConditions;
  }

  /** What the kernel has acknowledged; `undefined` before the first pass. */
  get acknowledged(): Shadow | undefined {
    return this.#shadow;
  }

  /** @throws {ProxyError} `APPLY_FAILED` when something failed that no Service stands for */
  async run({ full, keys }: PassScope<PassKey>): Promise<ReadonlyMap<PassKey, string>> {
    const node = this.#followNodes(full ? undefined : [...keys].filter(isNode)) || full || keys.has(NODE);
    // Clusters that came into force or went out of it concern all Services, even if the kernel need not be read.
    const whole = (node && (await this.#judgeClusters())) || full;
    const services = whole ? this.aims.services() : [...keys].filter(isService);
    const servers = this.aims.replan(services, this.#claims.inForce);

    const shadow = await this.#observe(full);
    const observed = whole ? shadow : shadow.only(servers);
    const planned = whole
      ? { prefixes: this.#claims.prefixes, servers: this.aims.servers() }
      : { prefixes: observed.prefixes, servers: this.aims.servers(servers) };
    const changes = diffServers(observed, restrain(observed, planned, this.#claims.restraint));

    const routes = node ? await this.#diffRoutes() : undefined;
    const failed = await this.#applyInOrder(shadow, changes, routes);
    await this.#forgetFlows();
    if (full || keys.has(DRAINS)) await this.#needs.backend.reap?.();
    return this.#byService(failed);
  }

  /**
   * A prefix is guarded before a route leads to it, and servers come behind both; on the way out the route goes when
   * the servers are gone, and the guard last. So no connection ever meets the host's own services or the wire.
   */
  async #applyInOrder(shadow: Shadow, changes: readonly Change[], routes: RouteChanges | undefined): Promise<ChangeFailure[]> {
    const [guards, others, releases] = inPhases(changes);
    const failed = [...(await this.#apply(shadow, guards))];
    if (failed.length > 0) return failed;
    const refused = [...(await this.#route(routes?.adds))];
    failed.push(...(await this.#apply(shadow, others)));
    const { frozen, removable } = this.#claims.restraint;
    if (routes) await this.#needs.retired?.retire((address) => !frozen(address) && removable(address));
    refused.push(...(await this.#route(routes?.deletes)));
    failed.push(...(await this.#apply(shadow, releases)));
    if (refused[0]) throw failure("routes", refused.length, refused[0].errno);
    return failed;
  }

  async #apply(shadow: Shadow, changes: readonly Change[]): Promise<readonly ChangeFailure[]> {
    const { done, failed } = await this.#needs.backend.apply(changes);
    shadow.acknowledge(done);
    this.#inDoubt ||= failed.length > 0;
    this.#count(done.length, failed.length);
    for (const [server, targets] of touchedUdp(done)) this.#flowsToCheck.set(server, targets);
    for (const change of done) if (change.kind === "add-prefix") this.#newlyGuarded.add(change.prefix);
    return failed;
  }

  async #route(ops: readonly RoutingOp[] = []): Promise<readonly RoutingFailure[]> {
    if (ops.length === 0) return [];
    const { done, failed } = await this.#needs.routing.apply(ops);
    this.#count(done.length, failed.length);
    return failed;
  }

  /** Takes these MeshNodes as they are now, or all; returns whether they concern what is judged and read of this node. */
  #followNodes(nodes?: readonly NodeKey[]): boolean {
    const { clusters, nodes: published } = this.#needs.view;
    this.#endpoints.follow(published, nodes);
    if (!nodes || nodes.length === 0) return false;
    // This node's own brings its addresses. Of another one only endpoints matter, where a cluster claims them.
    const isOwn = nodes.includes(nodeKey(this.#config.clusterName, this.#config.nodeName));
    return isOwn || !isDeepEqual(this.#endpoints.claimedBy(clusters.values()), this.#claimedEndpoints);
  }

  /** Judges the claims of all clusters again; returns whether other ones are in force now. */
  async #judgeClusters(): Promise<boolean> {
    const before = this.#claims;
    const { view, nodeNeeds, clock, metrics } = this.#needs;
    const clusters = [...view.clusters.values()];
    const own = await nodeNeeds();
    this.#claimedEndpoints = this.#endpoints.claimedBy(clusters);
    const needs = { ...own, addresses: [...own.addresses, ...this.#claimedEndpoints] };
    this.#refusals = this.#config.skipLifeline ? [] : refuseCutOffs(clusters, needs);
    this.#claims = judgeClaims(clusters, this.#refusals, clock.now() - this.#startedAt);
    metrics.refusedClusters.reset();
    for (const { cluster, reason } of this.#refusals) metrics.refusedClusters.set(1, { cluster, reason });
    const { inForce, prefixes } = this.#claims;
    return before.inForce.symmetricDifference(inForce).size + before.prefixes.symmetricDifference(prefixes).size > 0;
  }

  async #observe(full: boolean): Promise<Shadow> {
    const known = this.#inDoubt ? undefined : this.#shadow;
    if (known && (!full || (await this.#needs.backend.isUnchanged?.()))) return known;
    const kernel = await this.#needs.backend.list();
    if (known) this.#needs.metrics.drift.inc({}, diffServers(kernel, known).length);
    this.#shadow = new Shadow(kernel);
    this.#inDoubt = false;
    return this.#shadow;
  }

  async #forgetFlows(): Promise<void> {
    if (this.#flowsToCheck.size + this.#newlyGuarded.size === 0) return;
    const flows = await this.#needs.conntrack.listUdp();
    const stray = strayFlows(flows, this.#newlyGuarded, this.#shadow?.servers ?? new Map());
    const stale = [...new Set([...staleFlows(flows, this.#flowsToCheck), ...stray])];
    await this.#needs.conntrack.forget(stale);
    this.#flowsToCheck.clear();
    this.#newlyGuarded.clear();
    this.#needs.metrics.forgottenFlows.inc({}, stale.length);
  }

  async #diffRoutes(): Promise<RouteChanges> {
    const { view, host, routing, nodeSubnets, backend } = this.#needs;
    const { clusterName, nodeName, addresses, nodeIPs } = this.#config;
    const facts = await host.read();
    const published = view.node(nodeKey(clusterName, nodeName))?.addresses ?? [];
    const local = facts.addresses.map(({ address }) => address);
    const own = ownAddresses({ flags: addresses, published, subnets: nodeSubnets(), local });
    backend.setOwnAddresses?.(own);
    const input = { prefixes: this.#claims.prefixes, own, host: facts, nodeIPs, vipRoutes: backend.vipRoutes };
    const changes = await diffRoutes(routing, input, this.#claims.restraint);
    this.#routeConditions = changes.conditions;
    return changes;
  }

  /** Failures by the Services that ask for the server, which are then tried again. */
  #byService(failed: readonly ChangeFailure[]): ReadonlyMap<PassKey, string> {
    const services = new Map<PassKey, string>();
    for (const { change, reason } of failed) {
      const claimants = "key" in change ? this.aims.catalog.claimants(change.key) : [];
      if (claimants.length === 0) throw failure("key" in change ? change.key : change.prefix, failed.length, reason);
      for (const service of claimants) services.set(service, reason);
    }
    return services;
  }

  #count(done: number, failed: number): void {
    this.#needs.metrics.changes.inc({ result: "done" }, done);
    this.#needs.metrics.changes.inc({ result: "failed" }, failed);
  }
}

/** A node is `west/node-1`, a Service `west/ns/name`. */
const isNode = (key: PassKey): key is NodeKey => key.split("/").length === 2;
const isService = (key: PassKey): key is ServiceKey => key.split("/").length === 3;

/** Prefixes to guard; servers; prefixes to release. */
function inPhases(changes: readonly Change[]): [guards: Change[], servers: Change[], releases: Change[]] {
  const of = (kinds: readonly Change["kind"][]): Change[] => changes.filter(({ kind }) => kinds.includes(kind));
  return [of(["add-prefix"]), of(["set-server", "delete-server"]), of(["delete-prefix"])];
}

const failure = (what: string, failed: number, reason: string): ProxyError =>
  new ProxyError({ code: "APPLY_FAILED", what, failed, reason });
