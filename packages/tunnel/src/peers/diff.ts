import type { SocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { PublicKey } from "../keys/key.ts";
import type { ObservedPeer, Peer, PeerOp, Peers } from "./peer.ts";

/**
 * A session whose last handshake is older than this is dead: WireGuard itself rejects its keys
 * (Reject-After-Time, WireGuard protocol §6.1).
 */
const DEAD_AFTER_MS = 180_000;

/**
 * Lists the changes that turn `observed` into `desired`; a peer that is as wanted is in none of them.
 *
 * Prefixes go to their new owner before anything is removed: WireGuard moves one from peer to peer in a single
 * step, so a prefix that stays wanted always leads somewhere. What nobody takes is dropped last.
 *
 * @param observed the peers concerned: of the whole device in a full pass, of the changed nodes in an event pass
 * @param now Unix time in milliseconds
 * @returns operations in apply order; empty when converged
 */
export function diffPeers(observed: Peers, desired: ReadonlyMap<PublicKey, Peer>, now: number): PeerOp[] {
  const ops: PeerOp[] = [];
  const wanted = new Set([...desired.values()].flatMap(({ allowedIPs }) => [...allowedIPs]));
  for (const peer of desired.values()) {
    const before = observed.get(peer.publicKey);
    ops.push(...(before ? updates(before, peer, now) : [{ kind: "add-peer" as const, peer }]));
  }
  for (const { publicKey, allowedIPs } of observed.values()) {
    if (!desired.has(publicKey)) {
      ops.push({ kind: "remove-peer", publicKey, prefixes: [...allowedIPs].filter((prefix) => !wanted.has(prefix)) });
      continue;
    }
    const orphans = [...allowedIPs].filter((prefix) => !wanted.has(prefix));
    if (orphans.length > 0) ops.push({ kind: "drop-prefixes", publicKey, prefixes: orphans });
  }
  return ops;
}

function updates(before: ObservedPeer, peer: Peer, now: number): PeerOp[] {
  const { publicKey, endpoint, keepaliveSeconds, presharedKey, allowedIPs } = peer;
  const ops: PeerOp[] = [];
  const taken = [...allowedIPs].filter((prefix) => !before.allowedIPs.has(prefix));
  if (taken.length > 0) ops.push({ kind: "take-prefixes", publicKey, prefixes: taken });
  if (endpoint && mustWriteEndpoint(before, endpoint, now)) ops.push({ kind: "set-endpoint", publicKey, endpoint });
  if (before.keepaliveSeconds !== keepaliveSeconds) ops.push({ kind: "set-keepalive", publicKey, keepaliveSeconds });
  if (before.presharedKey === undefined ? presharedKey !== undefined : !before.presharedKey.equals(presharedKey))
    ops.push({ kind: "set-preshared-key", publicKey, presharedKey });
  return ops;
}

/**
 * WireGuard replaces the endpoint by the source of the last packet that authenticated. That is no drift: what we
 * wrote is compared with what we wrote last, and the device's own endpoint counts only once its session is dead.
 */
function mustWriteEndpoint({ endpoint, wroteEndpoint, handshakeAt = 0 }: ObservedPeer, want: SocketAddress, now: number): boolean {
  if (wroteEndpoint && !same(wroteEndpoint, want)) return true;
  if (endpoint && same(endpoint, want)) return false;
  return endpoint === undefined || now - handshakeAt > DEAD_AFTER_MS;
}

const same = (a: SocketAddress, b: SocketAddress): boolean => a.host === b.host && a.port === b.port;
