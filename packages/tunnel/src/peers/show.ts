import { showSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { Peer, PeerOp } from "./peer.ts";

/** The operation as a human would type it with wg(8); a preshared key is never shown. */
export function showPeerOp(device: string, op: PeerOp): string {
  return `wg set ${device} peer ${op.kind === "add-peer" ? op.peer.publicKey : op.publicKey} ${showChange(op)}`;
}

function showChange(op: PeerOp): string {
  switch (op.kind) {
    case "add-peer":
      return showPeer(op.peer);
    case "set-endpoint":
      return `endpoint ${showSocketAddress(op.endpoint)}`;
    case "set-keepalive":
      return `persistent-keepalive ${op.keepaliveSeconds}`;
    case "set-preshared-key":
      return `preshared-key ${op.presharedKey ? "(hidden)" : "/dev/null"}`;
    case "take-prefixes":
      return `allowed-ips ${list(op.prefixes, "+")}`;
    case "drop-prefixes":
      return `allowed-ips ${list(op.prefixes, "-")}`;
    case "remove-peer":
      return "remove";
  }
}

function showPeer({ presharedKey, endpoint, keepaliveSeconds, allowedIPs }: Peer): string {
  return [
    ...(presharedKey ? ["preshared-key (hidden)"] : []),
    ...(endpoint ? [`endpoint ${showSocketAddress(endpoint)}`] : []),
    ...(keepaliveSeconds > 0 ? [`persistent-keepalive ${keepaliveSeconds}`] : []),
    `allowed-ips ${list([...allowedIPs], "")}`,
  ].join(" ");
}

const list = (prefixes: readonly Prefix[], sign: string): string => prefixes.map((prefix) => `${sign}${prefix}`).join(",");
