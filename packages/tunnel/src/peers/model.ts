import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { PublicKey } from "../keys/key.ts";
import type { ObservedPeer, PeerOp, Peers } from "./peer.ts";

/** Why a device refuses an operation, as errno names. */
export type Refused = "ENOENT" | "EEXIST";

/**
 * What a device holds after one operation, by WireGuard's rules: a prefix belongs to one peer at most, and whoever
 * claims it takes it away from its former owner, who does not get it back when the new one goes.
 */
export function applyPeerOp(peers: Peers, op: PeerOp): Peers | Refused {
  if (op.kind === "add-peer") {
    const { peer } = op;
    if (peers.has(peer.publicKey)) return "EEXIST";
    const added: ObservedPeer = { ...peer, ...wrote(peer.endpoint), receivedBytes: 0, sentBytes: 0 };
    return new Map([...without(peers, peer.allowedIPs), [peer.publicKey, added]]);
  }
  const before = peers.get(op.publicKey);
  if (!before) return "ENOENT";
  if (op.kind === "remove-peer") return new Map([...peers].filter(([key]) => key !== op.publicKey));
  const others = op.kind === "take-prefixes" ? without(peers, new Set(op.prefixes)) : peers;
  return new Map([...others, [op.publicKey, changed(before, op)]]);
}

function changed(before: ObservedPeer, op: Exclude<PeerOp, { kind: "add-peer" | "remove-peer" }>): ObservedPeer {
  switch (op.kind) {
    case "set-endpoint":
      return { ...before, endpoint: op.endpoint, ...wrote(op.endpoint) };
    case "set-keepalive":
      return { ...before, keepaliveSeconds: op.keepaliveSeconds };
    case "set-preshared-key":
      return { ...before, presharedKey: op.presharedKey };
    case "take-prefixes":
      return { ...before, allowedIPs: new Set([...before.allowedIPs, ...op.prefixes]) };
    case "drop-prefixes":
      return { ...before, allowedIPs: before.allowedIPs.difference(new Set(op.prefixes)) };
  }
}

function without(peers: Peers, prefixes: ReadonlySet<Prefix>): Map<PublicKey, ObservedPeer> {
  return new Map(
    [...peers].map(([key, peer]) =>
      peer.allowedIPs.isDisjointFrom(prefixes) ? [key, peer] : [key, { ...peer, allowedIPs: peer.allowedIPs.difference(prefixes) }],
    ),
  );
}

const wrote = (endpoint: ObservedPeer["endpoint"]) => (endpoint ? { wroteEndpoint: endpoint } : {});
