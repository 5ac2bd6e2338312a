import type { NodeKey } from "@sdn-tunnel/common/admit/view";
import { showSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { Liveness } from "../health/liveness.ts";
import type { ObservedPeer } from "../peers/peer.ts";
import type { NodePlan } from "../planner.ts";

/** What is known of one remote node, for a line of `explain`. */
export interface NodeStory {
  readonly key: NodeKey;
  readonly plan: NodePlan;
  /** Its peer as the device has it. */
  readonly peer: ObservedPeer | undefined;
  readonly liveness: Liveness | undefined;
}

/** Says how packets reach a node, or why they do not. */
export function explainNode({ key, plan, peer, liveness }: NodeStory, now: number): string {
  const why = plan.refusals.map(({ reason, detail }) => `${reason}: ${detail}`);
  if (!plan.peer) return `${key}: no tunnel (${why.join("; ") || "it publishes no key for device a"})`;
  if (!peer) return `${key}: wanted, not in the device yet`;
  const parts = [
    `prefixes ${[...peer.allowedIPs].join(", ") || "none"}`,
    peer.endpoint ? `endpoint ${showSocketAddress(peer.endpoint)}` : "no endpoint: it must come to us",
    ...(peer.keepaliveSeconds > 0 ? [`keepalive ${peer.keepaliveSeconds} s`] : []),
    peer.handshakeAt === undefined ? "no handshake" : `handshake ${Math.round((now - peer.handshakeAt) / 1000)} s ago`,
    life(liveness),
  ];
  return `${key}: ${[...parts, ...why].join("; ")}`;
}

function life(liveness: Liveness | undefined): string {
  if (liveness?.up === undefined) return "not probed yet";
  const rtt = liveness.rttMs === undefined ? "" : `, round trip ${liveness.rttMs.toFixed(2)} ms`;
  return `${liveness.up ? "up" : "down"} since ${new Date(liveness.since).toISOString()}${rtt}`;
}
