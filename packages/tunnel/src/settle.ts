import type { Log } from "@sdn-tunnel/common/daemon/log";
import type { MeshView } from "@sdn-tunnel/common/admit/view";
import type { TunnelConfig } from "./config.ts";
import type { EndpointNames } from "./endpoints/names.ts";
import type { HealthKeeper } from "./health/keeper.ts";
import type { ProbedNode } from "./health/plan.ts";
import type { TunnelMetrics } from "./metrics.ts";
import type { PassResult } from "./pass.ts";
import type { Planner } from "./planner.ts";
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
  const { own } = result.situation;
  count(result, needs);
  if (result.full && own.published && (await publishOwnFile(config.source, own.published)))
    log.info({ node: own.published.name, subnets: own.subnets, addresses: own.addresses }, "published this node");
  names.follow(planner.names(), signal);
  for (const [address, error] of await health.follow(probedNodes(needs, result), own.addresses))
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

/** Nodes in force, with the reason when there is no tunnel to one; those of held clusters go on being probed. */
function probedNodes({ planner, view }: SettleNeeds, { situation }: PassResult): ProbedNode[] {
  const planned = [...planner.plans].map(([key, { node, peer, refusals }]) => {
    const reason = refusals[0];
    const refusal = peer ? undefined : reason ? `${reason.reason}: ${reason.detail}` : "NoTunnel: it publishes no key for device a";
    return { key, node, refusal };
  });
  const held = [...view.nodes].filter(([, { cluster }]) => situation.held.has(cluster));
  return [...planned, ...held.map(([key, node]) => ({ key, node, refusal: undefined }))];
}
