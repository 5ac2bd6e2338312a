import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { PublicKey } from "../keys/key.ts";
import type { ObservedPeer, PeerOp, Peers } from "./peer.ts";

/** Why a device has nothing to do for an operation, as errno names. */
export type Refused = "ENOENT" | "EEXIST";

/**
 * The peers of a device by WireGuard's rules: a prefix belongs to one peer at most; whoever claims it takes it
 * away from its former owner, who does not get it back when the new one goes.
 */
export class PeerTable {
  readonly #peers: Map<PublicKey, ObservedPeer>;
  readonly #owners = new Map<Prefix, PublicKey>();

  constructor(peers: Peers = new Map()) {
    this.#peers = new Map(peers);
    for (const [key, { allowedIPs }] of peers) for (const prefix of allowedIPs) this.#owners.set(prefix, key);
  }

  get peers(): Peers {
    return this.#peers;
  }

  /** Changes one peer, outside of what an operation can do: what was heard of it. */
  note(key: PublicKey, changes: Partial<ObservedPeer>): void {
    const peer = this.#peers.get(key);
    if (peer) this.#peers.set(key, { ...peer, ...changes });
  }

  /** Does what the device does; returns why there was nothing to do. */
  apply(op: PeerOp): Refused | undefined {
    if (op.kind === "add-peer") return this.#add(op.peer);
    const before = this.#peers.get(op.publicKey);
    if (!before) return "ENOENT";
    if (op.kind === "take-prefixes") this.#take(op.publicKey, op.prefixes);
    else if (op.kind === "drop-prefixes") this.#drop(op.publicKey, op.prefixes);
    else if (op.kind === "remove-peer") this.#remove(before);
    else this.note(op.publicKey, changesOf(op));
    return undefined;
  }

  #add({ allowedIPs, ...peer }: Extract<PeerOp, { kind: "add-peer" }>["peer"]): Refused | undefined {
    if (this.#peers.has(peer.publicKey)) return "EEXIST";
    const added = { ...peer, allowedIPs: new Set<Prefix>(), ...wrote(peer.endpoint), receivedBytes: 0, sentBytes: 0 };
    this.#peers.set(peer.publicKey, added);
    this.#take(peer.publicKey, [...allowedIPs]);
    return undefined;
  }

  #take(key: PublicKey, prefixes: readonly Prefix[]): void {
    for (const prefix of prefixes) {
      const owner = this.#owners.get(prefix);
      if (owner !== undefined && owner !== key) this.#drop(owner, [prefix]);
      this.#owners.set(prefix, key);
    }
    const before = this.#peers.get(key)?.allowedIPs ?? new Set();
    this.note(key, { allowedIPs: new Set([...before, ...prefixes]) });
  }

  #drop(key: PublicKey, prefixes: readonly Prefix[]): void {
    const before = this.#peers.get(key)?.allowedIPs ?? new Set();
    this.note(key, { allowedIPs: before.difference(new Set(prefixes)) });
    for (const prefix of prefixes) if (this.#owners.get(prefix) === key) this.#owners.delete(prefix);
  }

  #remove({ publicKey, allowedIPs }: ObservedPeer): void {
    for (const prefix of allowedIPs) this.#owners.delete(prefix);
    this.#peers.delete(publicKey);
  }
}

function changesOf(op: Extract<PeerOp, { kind: "set-endpoint" | "set-keepalive" | "set-preshared-key" }>): Partial<ObservedPeer> {
  switch (op.kind) {
    case "set-endpoint":
      return { endpoint: op.endpoint, ...wrote(op.endpoint) };
    case "set-keepalive":
      return { keepaliveSeconds: op.keepaliveSeconds };
    case "set-preshared-key":
      return { presharedKey: op.presharedKey };
  }
}

const wrote = (endpoint: ObservedPeer["endpoint"]) => (endpoint ? { wroteEndpoint: endpoint } : {});
