import type { Refusal } from "@sdn-tunnel/common/admit/refusal";
import type { NodeKey } from "@sdn-tunnel/common/admit/view";
import { conditionsOf } from "@sdn-tunnel/common/daemon/status";
import type { Condition } from "@sdn-tunnel/common/daemon/status";
import type { MeshFeed } from "@sdn-tunnel/common/sources/mesh-feed";
import { explainNode } from "./explain/lines.ts";
import type { NodeHealth } from "./health/health-file.ts";
import type { HealthKeeper } from "./health/keeper.ts";
import type { TunnelMetrics } from "./metrics.ts";
import type { TunnelPass } from "./pass.ts";

export interface ReportNeeds {
  readonly pass: TunnelPass;
  readonly feed: Pick<MeshFeed, "refusals" | "health">;
  readonly health: HealthKeeper;
}

/** Every refusal in force: those that all nodes share, and this node's own. */
export function refusalsOf({ pass, feed }: Pick<ReportNeeds, "pass" | "feed">): Refusal[] {
  const own = [...pass.planner.plans.values()].flatMap(({ refusals }) => refusals);
  return [...feed.refusals(), ...(pass.situation?.cutOffs.values() ?? []), ...own];
}

/** What an operator asks for at night: `/status`. */
export function statusOf(needs: ReportNeeds, now: number): { conditions: Condition[]; nodes: string[] } {
  const { pass, feed, health } = needs;
  const held = [...(pass.situation?.held ?? [])].map(([name, message]) => ({ object: `MeshCluster ${name}`, type: "Held", message }));
  const nodes = [...pass.planner.plans].map(([key, plan]) => {
    const peer = plan.peer && pass.shadow.peers.get(plan.peer.publicKey);
    return explainNode({ key, plan, peer, liveness: health.livenessOf(key) }, now);
  });
  const conditions = [...(pass.situation?.own.conditions ?? []), ...held, ...conditionsOf(refusalsOf(needs), feed.health())];
  return { conditions, nodes: nodes.toSorted() };
}

/** Brings the gauges up to date; series of what is gone are dropped. */
export function showGauges(metrics: TunnelMetrics, needs: ReportNeeds, device: string): void {
  const { refusals, held, sentBytes, receivedBytes, handshake } = metrics;
  for (const gauge of [refusals, held, sentBytes, receivedBytes, handshake]) gauge.reset();
  const counts = new Map<string, { cluster: string; reason: string; count: number }>();
  for (const { cluster, reason } of refusalsOf(needs)) {
    const row = counts.get(`${cluster} ${reason}`) ?? { cluster, reason, count: 0 };
    counts.set(`${cluster} ${reason}`, { ...row, count: row.count + 1 });
  }
  for (const { count, ...labels } of counts.values()) refusals.set(count, labels);
  for (const cluster of needs.pass.situation?.held.keys() ?? []) held.set(1, { cluster });
  for (const [key, peer] of needs.pass.shadow.peers) {
    const name = needs.pass.shadow.peerOwners.of(key) ?? "";
    const labels = { interface: device, public_key: key, allowed_ips: [...peer.allowedIPs].join(","), friendly_name: name };
    sentBytes.set(peer.sentBytes, labels);
    receivedBytes.set(peer.receivedBytes, labels);
    handshake.set((peer.handshakeAt ?? 0) / 1000, labels);
  }
}

/** The gauges that follow health.json. */
export function showHealth({ nodeUp, roundTrip }: TunnelMetrics, health: ReadonlyMap<NodeKey, NodeHealth>): void {
  for (const gauge of [nodeUp, roundTrip]) gauge.reset();
  for (const [key, { up, rttMs }] of health) {
    const [cluster = "", node = ""] = key.split("/");
    nodeUp.set(up ? 1 : 0, { cluster, node });
    if (rttMs !== undefined) roundTrip.set(rttMs / 1000, { cluster, node });
  }
}
