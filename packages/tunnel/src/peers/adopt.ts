import { nodeKey } from "@sdn-tunnel/common/admit/view";
import type { NodeKey, NodeView } from "@sdn-tunnel/common/admit/view";
import type { ObservedPeer } from "./peer.ts";

/**
 * Finds out for which node a peer is there that a former process left behind: the one claimant of its key behind
 * whose subnets its prefixes are. `undefined` when none or several fit.
 */
export function adoptOwner({ allowedIPs }: ObservedPeer, claimants: readonly NodeView[]): NodeKey | undefined {
  const fitting = claimants.filter(({ subnets }) => subnets.some((subnet) => allowedIPs.has(subnet)));
  const [only] = fitting;
  return only && fitting.length === 1 ? nodeKey(only.cluster, only.name) : undefined;
}
