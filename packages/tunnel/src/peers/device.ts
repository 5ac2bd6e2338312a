import type { PublicKey, SecretKey } from "../keys/key.ts";
import type { PeerOp, Peers } from "./peer.ts";

/** What a WireGuard device is set to. */
export interface DeviceState {
  /** Absent while it has no key. */
  readonly publicKey: PublicKey | undefined;
  /** UDP port; 0 while it has none. */
  readonly listenPort: number;
  readonly peers: Peers;
}

/** An operation that the device refused. */
export interface PeerFailure {
  readonly op: PeerOp;
  /** `EINVAL`, …, or the message when there is no errno. */
  readonly errno: string;
}

/** One WireGuard device: the only door through which this package changes peers. */
export interface WireguardDevice {
  readonly name: string;
  /**
   * Reads the live device, so that a restart adopts what the last process left behind.
   *
   * @throws {TunnelError} DEVICE_ABSENT while it is not there
   */
  observe(): Promise<DeviceState>;
  /** Gives it a key and a port; peers and their sessions stay. */
  configure(settings: { readonly privateKey: SecretKey; readonly listenPort: number }): Promise<void>;
  /** Applies in order, each as a whole; a failed one is returned and does not stop the rest. */
  apply(ops: readonly PeerOp[]): Promise<{ done: PeerOp[]; failed: PeerFailure[] }>;
}
