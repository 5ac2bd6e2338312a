import { TunnelError } from "../errors.ts";
import { publicKeyOf } from "../keys/key.ts";
import type { PublicKey, SecretKey } from "../keys/key.ts";
import type { DeviceState, PeerFailure, WireguardDevice } from "./device.ts";
import type { ObservedPeer, PeerOp } from "./peer.ts";
import { showPeerOp } from "./show.ts";
import { PeerTable } from "./table.ts";

/** A WireGuard device in memory, as strict as the real one. */
export class FakeDevice implements WireguardDevice {
  readonly name: string;
  /** Every operation that was applied, as a human would type it. */
  readonly log: string[] = [];
  #settings: { publicKey: PublicKey | undefined; listenPort: number } = { publicKey: undefined, listenPort: 0 };
  #table = new PeerTable();
  #present = true;

  constructor(name = "sdn-wg-a") {
    this.name = name;
  }

  async observe(): Promise<DeviceState> {
    this.#mustBePresent();
    // The device does not know what we wrote: `wroteEndpoint` is ours to remember.
    const peers = [...this.#table.peers].map(([key, { wroteEndpoint: _, ...peer }]) => [key, peer] as const);
    return { ...this.#settings, peers: new Map(peers) };
  }

  async configure({ privateKey, listenPort }: { readonly privateKey: SecretKey; readonly listenPort: number }): Promise<void> {
    this.#mustBePresent();
    this.#settings = { publicKey: publicKeyOf(privateKey), listenPort };
    // A device drops a peer that has its own key: it cannot talk to itself.
    this.#table = new PeerTable(new Map([...this.#table.peers].filter(([key]) => key !== this.#settings.publicKey)));
  }

  async apply(ops: readonly PeerOp[]): Promise<{ done: PeerOp[]; failed: PeerFailure[] }> {
    this.#mustBePresent();
    const failed: PeerFailure[] = [];
    for (const op of ops) {
      if (keyLengthOf(op) !== 32) {
        failed.push({ op, errno: "EINVAL" });
        continue;
      }
      this.log.push(showPeerOp(this.name, op));
      if (op.kind === "add-peer" && op.peer.publicKey === this.#settings.publicKey) continue;
      // WireGuard passes over an update of a peer that is not there; adding one twice is a mistake of ours.
      if (this.#table.apply(op) === "EEXIST") throw new Error(`Cannot apply "${showPeerOp(this.name, op)}": the peer is there`);
    }
    return { done: ops.filter((op) => !failed.some((failure) => failure.op === op)), failed };
  }

  /** A handshake arrived from `endpoint`, as after a roam. */
  hear(publicKey: PublicKey, changes: Pick<ObservedPeer, "endpoint"> & { readonly handshakeAt: number }): void {
    if (!this.#table.peers.has(publicKey)) throw new Error(`Cannot hear ${publicKey}: it is no peer`);
    this.#table.note(publicKey, changes);
  }

  /** The process behind the device died: everything in it is gone. `start()` brings up an empty one. */
  kill(): void {
    this.#present = false;
  }

  start(): void {
    this.#present = true;
    this.#settings = { publicKey: undefined, listenPort: 0 };
    this.#table = new PeerTable();
  }

  #mustBePresent(): void {
    const socket = `/var/run/wireguard/${this.name}.sock`;
    if (!this.#present) throw new TunnelError({ code: "DEVICE_ABSENT", device: this.name, socket, reason: "nobody answers" });
  }
}

const keyLengthOf = (op: PeerOp): number => Buffer.from(op.kind === "add-peer" ? op.peer.publicKey : op.publicKey, "base64").length;
