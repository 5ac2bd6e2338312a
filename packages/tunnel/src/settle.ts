import type { Log } from "@sdn-tunnel/common/daemon/log";
import type { MeshView } from "@sdn-tunnel/common/admit/view";
import type { TunnelConfig } from "./config.ts";
import type { EndpointNames } from "./endpoints/names.ts";
import type { HealthKeeper } from "./health/keeper.ts";
import type { ProbedNode } from "./health/plan.ts";
import type { TunnelMetrics } from "./metrics.ts";
import type { PassResult } from "./pass.ts";
import type { NodePlan, Planner } from "./planner.ts";
import { publishOwnFile } from "./publish/own-file.ts";

export interface SettleNeeds {
  readonly view: MeshView;
  readonly planner: Planner;
  readonly names: EndpointNames;
  readonly health: HealthKeeper;
  readonly metrics: TunnelMetrics;
  readonly log: Log;
}

/** What follows from a pass: this node is published, names are followed, nodes are probed, changes are counted. */
export async function settle(config: TunnelConfig, needs: SettleNeeds, result: PassResult, signal: AbortSignal): Promise<void> {
  const { planner, names, health, log } = needs;
  const { situation, nodes } = result;
  const { own } = situation;
  count(result, needs);
  names.follow(planner.names(), signal);
  health.follow(probedNodes(needs, result), own.addresses, nodes);
  if (nodes) return;
  if (own.published && (await publishOwnFile(config.source, own.published)))
    log.info({ node: own.published.name, subnets: own.subnets, addresses: own.addresses }, "published this node");
  for (const [address, error] of await health.answerOn(own.addresses))
    log.warn({ address, error: error.message }, "cannot answer probes on an address");
}

function count({ changes, failures }: PassResult, { metrics, log }: SettleNeeds): void {
  for (const op of [...changes.peers, ...changes.routing]) metrics.operations.inc({ kind: op.kind });
  for (const { message } of failures) {
    metrics.failures.inc({ kind: "operation" });
    log.error({ message }, "cannot apply");
  }
  if (changes.peers.length + changes.routing.length > 0)
    log.info({ peers: changes.peers.length, routing: changes.routing.length, failed: failures.length }, "applied changes");
}

/** The nodes concerned, with the reason when there is no tunnel to one; those of held clusters go on being probed. */
function probedNodes({ planner, view }: SettleNeeds, { situation, nodes }: PassResult): ProbedNode[] {
  return [...(nodes ?? view.nodes.keys())].flatMap((key) => {
    const plan = planner.plans.get(key);
    if (plan) return { key, node: plan.node, refusal: refusalOf(plan) };
    const node = view.node(key);
    return node && situation.held.has(node.cluster) ? { key, node, refusal: undefined } : [];
  });
}

function refusalOf({ peer, refusals: [first] }: NodePlan): string | undefined {
  if (peer) return undefined;
  return first ? `${first.reason}: ${first.detail}` : "NoTunnel: it publishes no key for device a";
}
