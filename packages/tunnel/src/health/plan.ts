import type { NodeKey, NodeView } from "@sdn-tunnel/common/admit/view";
import { ports } from "@sdn-tunnel/common/daemon/ports";
import { familyOf } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";
import type { NodeHealth } from "./health-file.ts";
import type { Liveness } from "./liveness.ts";
import type { ProbePath } from "./probe-socket.ts";

/** A remote node as health sees it. */
export interface ProbedNode {
  readonly key: NodeKey;
  readonly node: NodeView;
  /** Why there is no tunnel to it, when there is none. */
  readonly refusal: string | undefined;
}

/** From our own address to the node's, in the first family that both have; none where there is no tunnel. */
export function planProbe({ node, refusal }: ProbedNode, ownAddresses: readonly Address[]): ProbePath | undefined {
  if (refusal !== undefined) return undefined;
  const pairs = node.addresses.flatMap((to) => ownAddresses.filter((own) => familyOf(own) === familyOf(to)).map((from) => ({ from, to })));
  return pairs[0] && { ...pairs[0], port: ports.echo };
}

/** What is told of each node; one that nothing is known of is left out, which counts as up. */
export function planHealth(
  nodes: Iterable<ProbedNode>,
  livenessOf: (key: NodeKey) => Liveness | undefined,
  refusedSince: (key: NodeKey) => number,
): Map<NodeKey, NodeHealth> {
  const health = new Map<NodeKey, NodeHealth>();
  for (const { key, refusal } of nodes) {
    const liveness = livenessOf(key);
    if (refusal !== undefined) health.set(key, { up: false, since: refusedSince(key), reason: refusal });
    else if (liveness?.up !== undefined)
      health.set(key, {
        up: liveness.up,
        since: liveness.since,
        ...(liveness.rttMs === undefined ? {} : { rttMs: Math.round(liveness.rttMs * 100) / 100 }),
      });
  }
  return health;
}
