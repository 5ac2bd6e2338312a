import type { SocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { PublicKey, SecretKey } from "../keys/key.ts";

/** A peer as we want it: one remote node on one of our devices. */
export interface Peer {
  readonly publicKey: PublicKey;
  /** Prefixes that lead to this peer, and the only sources that it may use. */
  readonly allowedIPs: ReadonlySet<Prefix>;
  /** Where it is reached; absent when nothing usable is published: then it must come to us. */
  readonly endpoint: SocketAddress | undefined;
  /** Seconds between keepalives; 0 is off. */
  readonly keepaliveSeconds: number;
  readonly presharedKey: SecretKey | undefined;
}

/** A peer as the device has it. */
export interface ObservedPeer extends Peer {
  /** The endpoint that we wrote last, or found as wanted; absent when we know of none. The device's own may have roamed since. */
  readonly wroteEndpoint?: SocketAddress;
  /** Unix time in milliseconds of the last handshake; absent when there was none. */
  readonly handshakeAt?: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** Peers of one device by public key. */
export type Peers = ReadonlyMap<PublicKey, ObservedPeer>;

/** One change of a device: one message, so that it happens as a whole or not at all. */
export type PeerOp =
  | { readonly kind: "add-peer"; readonly peer: Peer }
  | { readonly kind: "set-endpoint"; readonly publicKey: PublicKey; readonly endpoint: SocketAddress }
  | { readonly kind: "set-keepalive"; readonly publicKey: PublicKey; readonly keepaliveSeconds: number }
  | { readonly kind: "set-preshared-key"; readonly publicKey: PublicKey; readonly presharedKey: SecretKey | undefined }
  /** Takes the prefixes from whichever peer has them now. */
  | { readonly kind: "take-prefixes"; readonly publicKey: PublicKey; readonly prefixes: readonly Prefix[] }
  | { readonly kind: "drop-prefixes"; readonly publicKey: PublicKey; readonly prefixes: readonly Prefix[] }
  | { readonly kind: "remove-peer"; readonly publicKey: PublicKey; readonly prefixes: readonly Prefix[] };
