import { TunnelError } from "../errors.ts";
import { publicKeyOf } from "../keys/key.ts";
import type { PublicKey, SecretKey } from "../keys/key.ts";
import type { DeviceState, PeerFailure, WireguardDevice } from "./device.ts";
import { applyPeerOp } from "./model.ts";
import type { ObservedPeer, PeerOp, Peers } from "./peer.ts";
import { showPeerOp } from "./show.ts";

/** A WireGuard device in memory, as strict as the real one. */
export class FakeDevice implements WireguardDevice {
  readonly name: string;
  /** Every operation that was applied, as a human would type it. */
  readonly log: string[] = [];
  #settings: { publicKey: PublicKey | undefined; listenPort: number } = { publicKey: undefined, listenPort: 0 };
  #peers: Peers = new Map();
  #present = true;

  constructor(name = "sdn-wg-a") {
    this.name = name;
  }

  async observe(): Promise<DeviceState> {
    this.#mustBePresent();
    // The device does not know what we wrote: `wroteEndpoint` is ours to remember.
    const peers = [...this.#peers].map(([key, { wroteEndpoint: _, ...peer }]) => [key, peer] as const);
    return { ...this.#settings, peers: new Map(peers) };
  }

  async configure({ privateKey, listenPort }: { readonly privateKey: SecretKey; readonly listenPort: number }): Promise<void> {
    this.#mustBePresent();
    this.#settings = { publicKey: publicKeyOf(privateKey), listenPort };
    // A device drops a peer that has its own key: it cannot talk to itself.
    this.#peers = new Map([...this.#peers].filter(([key]) => key !== this.#settings.publicKey));
  }

  async apply(ops: readonly PeerOp[]): Promise<{ done: PeerOp[]; failed: PeerFailure[] }> {
    this.#mustBePresent();
    for (const op of ops) {
      this.log.push(showPeerOp(this.name, op));
      if (op.kind === "add-peer" && op.peer.publicKey === this.#settings.publicKey) continue;
      const after = applyPeerOp(this.#peers, op);
      // WireGuard passes over an update of a peer that is not there, and adding one twice is a mistake of ours.
      if (after === "EEXIST") throw new Error(`Cannot add ${showPeerOp(this.name, op)}: the peer is there`);
      if (after !== "ENOENT") this.#peers = after;
    }
    return { done: [...ops], failed: [] };
  }

  /** A handshake arrived from `endpoint`, as after a roam. */
  hear(publicKey: PublicKey, changes: Pick<ObservedPeer, "endpoint"> & { readonly handshakeAt: number }): void {
    const peer = this.#peers.get(publicKey);
    if (!peer) throw new Error(`Cannot hear ${publicKey}: it is no peer`);
    this.#peers = new Map([...this.#peers, [publicKey, { ...peer, ...changes }]]);
  }

  /** The process behind the device died: everything in it is gone. `start()` brings up an empty one. */
  kill(): void {
    this.#present = false;
  }

  start(): void {
    this.#present = true;
    this.#settings = { publicKey: undefined, listenPort: 0 };
    this.#peers = new Map();
  }

  #mustBePresent(): void {
    const socket = `/var/run/wireguard/${this.name}.sock`;
    if (!this.#present) throw new TunnelError({ code: "DEVICE_ABSENT", device: this.name, socket, reason: "nobody answers" });
  }
}
