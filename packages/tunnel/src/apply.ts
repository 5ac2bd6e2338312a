import type { NodeKey } from "@sdn-tunnel/common/admit/view";
import { diffRouting } from "@sdn-tunnel/common/kernel/diff";
import { routeKey, showRoutingOp } from "@sdn-tunnel/common/kernel/route";
import type { RoutingOp, RoutingState, RoutingTable } from "@sdn-tunnel/common/kernel/route";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { PublicKey } from "./keys/key.ts";
import type { WireguardDevice } from "./peers/device.ts";
import { diffPeers } from "./peers/diff.ts";
import type { Peer, PeerOp, Peers } from "./peers/peer.ts";
import { showPeerOp } from "./peers/show.ts";
import type { Shadow } from "./shadow.ts";

/** The changes of one pass, in apply order: peers before the routes that lead to them. */
export interface Changes {
  readonly peers: readonly PeerOp[];
  readonly routing: readonly RoutingOp[];
}

/** One thing that could not be applied. */
export interface Failure {
  /** The node concerned, when it is one. */
  readonly node: NodeKey | undefined;
  readonly message: string;
}

export interface DiffInput {
  readonly observed: { readonly peers: Peers; readonly routing: RoutingState };
  readonly desired: { readonly peers: ReadonlyMap<PublicKey, Peer>; readonly routing: RoutingState };
  readonly mayRemove: (prefix: Prefix) => boolean;
  readonly mayRemoveStrangers: boolean;
  readonly now: number;
}

/** What turns `observed` into `desired`, without the removals that may not be done yet. */
export function diffTunnel({ observed, desired, mayRemove, mayRemoveStrangers, now }: DiffInput): Changes {
  const removable = (op: PeerOp): boolean => {
    if (op.kind === "drop-prefixes") return op.prefixes.every(mayRemove);
    if (op.kind !== "remove-peer") return true;
    const prefixes = observed.peers.get(op.publicKey)?.allowedIPs ?? new Set();
    return prefixes.size === 0 ? mayRemoveStrangers : [...prefixes].every(mayRemove);
  };
  return {
    peers: diffPeers(observed.peers, desired.peers, now).filter(removable),
    routing: diffRouting(observed.routing, desired.routing).filter((op) => op.kind !== "delete-route" || mayRemove(op.route.destination)),
  };
}

export interface Doors {
  readonly device: WireguardDevice;
  readonly routing: RoutingTable;
}

/** Applies peers, then routes and rules; the shadow learns what was acknowledged. */
export async function applyChanges(changes: Changes, { device, routing }: Doors, shadow: Shadow): Promise<Failure[]> {
  const failures: Failure[] = [];
  if (changes.peers.length > 0) {
    const { done, failed } = await device.apply(changes.peers);
    shadow.acknowledgePeers(done);
    for (const { op, errno } of failed) {
      const key = op.kind === "add-peer" ? op.peer.publicKey : op.publicKey;
      failures.push({ node: shadow.peerOwners.of(key), message: `${showPeerOp(device.name, op)}: ${errno}` });
    }
  }
  if (changes.routing.length === 0) return failures;
  const { done, failed } = await routing.apply(changes.routing);
  shadow.acknowledgeRouting(done);
  for (const { op, errno } of failed) {
    const node = "route" in op ? shadow.routeOwners.of(routeKey(op.route)) : undefined;
    failures.push({ node, message: `${showRoutingOp(op)}: ${errno}` });
  }
  return failures;
}
