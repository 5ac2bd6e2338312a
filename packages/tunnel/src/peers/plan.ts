import type { Refusal } from "@sdn-tunnel/common/admit/refusal";
import { nodeKey } from "@sdn-tunnel/common/admit/view";
import type { NodeKey, NodeView } from "@sdn-tunnel/common/admit/view";
import { chooseEndpoint } from "../endpoints/choose.ts";
import type { EndpointContext } from "../endpoints/choose.ts";
import type { PublicKey, SecretKey } from "../keys/key.ts";
import type { Peer } from "./peer.ts";

/** Seconds: shorter than any usual timeout of a UDP translation (RFC 4787 §4.3 asks for 2 minutes, routers give 30 s). */
const KEEPALIVE_SECONDS = 25;

export interface PeerContext {
  readonly ownKey: PublicKey;
  /** Who may use a key; `undefined` when several claim it and none has it in the kernel. */
  readonly holder: (key: PublicKey) => NodeKey | undefined;
  readonly endpoints: EndpointContext;
  readonly presharedKey: SecretKey | undefined;
  /** What others know as our endpoint is translated on the way to us. */
  readonly ownTranslated: boolean;
}

export interface PeerPlan {
  readonly peer: Peer | undefined;
  readonly refusals: readonly Refusal[];
}

/** The key of a node's tunnel `a`, the one that is in use. */
export function keyOf({ tunnels }: Pick<NodeView, "tunnels">): PublicKey | undefined {
  return tunnels.find(({ device }) => device === "a")?.publicKey as PublicKey | undefined;
}

/** What this node needs as a peer to reach `node`. */
export function planPeer(node: NodeView, context: PeerContext): PeerPlan {
  const publicKey = keyOf(node);
  if (publicKey === undefined) return { peer: undefined, refusals: [] };
  const refuse = (reason: Refusal["reason"], detail: string): Refusal => ({
    cluster: node.cluster,
    object: `MeshNode ${node.name}`,
    reason,
    detail,
  });
  const conflict = conflictOf(publicKey, node, context);
  if (conflict !== undefined) return { peer: undefined, refusals: [refuse("KeyConflict", conflict)] };
  const published = node.tunnels.find(({ device }) => device === "a")?.endpoints ?? [];
  const { endpoint, translated, refused } = chooseEndpoint(published, node.nodeIPs, context.endpoints);
  const keepaliveSeconds = translated || context.ownTranslated ? KEEPALIVE_SECONDS : 0;
  const { presharedKey } = context;
  return {
    peer: { publicKey, allowedIPs: new Set(node.subnets), endpoint, keepaliveSeconds, presharedKey },
    refusals: refused.map((detail) => refuse("RoutedEndpoint", detail)),
  };
}

function conflictOf(key: PublicKey, node: NodeView, { ownKey, holder }: PeerContext): string | undefined {
  if (key === ownKey) return "it claims this node's own key";
  const owner = holder(key);
  if (owner === nodeKey(node.cluster, node.name)) return undefined;
  return owner === undefined ? `several nodes claim the key ${key}` : `the key ${key} is held by ${owner}`;
}
