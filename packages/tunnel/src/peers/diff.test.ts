import assert from "node:assert/strict";
import { parseSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { SecretKey } from "../keys/key.ts";
import type { PublicKey } from "../keys/key.ts";
import { diffPeers } from "./diff.ts";
import type { ObservedPeer, Peer, PeerOp, Peers } from "./peer.ts";
import { showPeerOp } from "./show.ts";
import { PeerTable } from "./table.ts";

const keyAt = (i: number): PublicKey => `${String.fromCharCode(65 + i).repeat(42)}A=` as PublicKey;
const [A, B] = [keyAt(0), keyAt(1)];
const psk = new SecretKey(`${"p".repeat(42)}A=`);
const NOW = 1_800_000_000_000;

const peer = (publicKey: PublicKey, prefixes: string[], changes: Partial<Peer> = {}): Peer => ({
  publicKey,
  allowedIPs: new Set(prefixes.map(parsePrefix)),
  endpoint: parseSocketAddress("192.0.2.21:5555"),
  keepaliveSeconds: 0,
  presharedKey: undefined,
  ...changes,
});
const seen = (wanted: Peer, changes: Partial<ObservedPeer> = {}): ObservedPeer => ({ ...wanted, receivedBytes: 1, sentBytes: 1, ...changes });
const wanted = (...peers: Peer[]): Map<PublicKey, Peer> => new Map(peers.map((p) => [p.publicKey, p]));
const observed = (...peers: ObservedPeer[]): Peers => new Map(peers.map((p) => [p.publicKey, p]));
const [here, there] = ["192.0.2.21:5555", "198.51.100.7:40000"].map((text) => parseSocketAddress(text));

const cases: { name: string; from: Peers; to: Map<PublicKey, Peer>; want: string[] }[] = [
  { name: "does nothing when converged", from: observed(seen(peer(A, ["10.1.0.0/24"]))), to: wanted(peer(A, ["10.1.0.0/24"])), want: [] },
  {
    name: "adds a peer in one message",
    from: observed(),
    to: wanted(peer(A, ["10.1.0.0/24", "fd01::/64"], { keepaliveSeconds: 25, presharedKey: psk })),
    want: [`wg set wg peer ${A} preshared-key (hidden) endpoint 192.0.2.21:5555 persistent-keepalive 25 allowed-ips 10.1.0.0/24,fd01::/64`],
  },
  {
    name: "moves a prefix to its new owner before it removes the old one",
    from: observed(seen(peer(A, ["10.1.0.0/24", "10.2.0.0/24"]))),
    to: wanted(peer(B, ["10.1.0.0/24"])),
    want: [`wg set wg peer ${B} endpoint 192.0.2.21:5555 allowed-ips 10.1.0.0/24`, `wg set wg peer ${A} remove`],
  },
  {
    name: "moves a prefix between peers that stay, without dropping it anywhere",
    from: observed(seen(peer(A, ["10.1.0.0/24", "10.2.0.0/24"])), seen(peer(B, ["10.3.0.0/24"]))),
    to: wanted(peer(A, ["10.2.0.0/24"]), peer(B, ["10.1.0.0/24", "10.3.0.0/24"])),
    want: [`wg set wg peer ${B} allowed-ips +10.1.0.0/24`],
  },
  {
    name: "drops what nobody takes, last",
    from: observed(seen(peer(A, ["10.1.0.0/24", "10.2.0.0/24"]))),
    to: wanted(peer(A, ["10.2.0.0/24", "10.4.0.0/24"])),
    want: [`wg set wg peer ${A} allowed-ips +10.4.0.0/24`, `wg set wg peer ${A} allowed-ips -10.1.0.0/24`],
  },
  {
    name: "changes a preshared key without showing it",
    from: observed(seen(peer(A, []))),
    to: wanted(peer(A, [], { presharedKey: psk })),
    want: [`wg set wg peer ${A} preshared-key (hidden)`],
  },
  {
    name: "takes a preshared key away",
    from: observed(seen(peer(A, [], { presharedKey: psk }))),
    to: wanted(peer(A, [])),
    want: [`wg set wg peer ${A} preshared-key /dev/null`],
  },
  {
    name: "leaves a roamed endpoint alone while its session lives",
    from: observed(seen(peer(A, []), { endpoint: there, wroteEndpoint: here!, handshakeAt: NOW - 170_000 })),
    to: wanted(peer(A, [])),
    want: [],
  },
  {
    name: "writes a roamed endpoint again once its session is dead",
    from: observed(seen(peer(A, []), { endpoint: there, wroteEndpoint: here!, handshakeAt: NOW - 181_000 })),
    to: wanted(peer(A, [])),
    want: [`wg set wg peer ${A} endpoint 192.0.2.21:5555`],
  },
  {
    name: "follows a new published endpoint at once, though the peer has roamed",
    from: observed(seen(peer(A, []), { endpoint: there, wroteEndpoint: parseSocketAddress("192.0.2.99:5555"), handshakeAt: NOW - 1000 })),
    to: wanted(peer(A, [])),
    want: [`wg set wg peer ${A} endpoint 192.0.2.21:5555`],
  },
  {
    name: "after a restart does not know what was written, and leaves a living session alone",
    from: observed(seen(peer(A, []), { endpoint: there, handshakeAt: NOW - 1000 })),
    to: wanted(peer(A, [])),
    want: [],
  },
  {
    name: "gives an endpoint to a peer that has none",
    from: observed(seen(peer(A, [], { endpoint: undefined }), { handshakeAt: NOW })),
    to: wanted(peer(A, [])),
    want: [`wg set wg peer ${A} endpoint 192.0.2.21:5555`],
  },
  {
    name: "turns keepalives on and off",
    from: observed(seen(peer(A, [], { keepaliveSeconds: 25 })), seen(peer(B, []))),
    to: wanted(peer(A, []), peer(B, [], { keepaliveSeconds: 25 })),
    want: [`wg set wg peer ${A} persistent-keepalive 0`, `wg set wg peer ${B} persistent-keepalive 25`],
  },
];

/** Strict: an operation on a peer that is not there, or that is there already, is a mistake of the planner. */
function run(from: Peers, ops: readonly PeerOp[]): Peers {
  const table = new PeerTable(from);
  for (const op of ops) assert.equal(table.apply(op), undefined, showPeerOp("wg", op));
  return table.peers;
}

const essence = (peers: ReadonlyMap<PublicKey, Peer>) =>
  new Map([...peers].map(([key, { allowedIPs, endpoint, keepaliveSeconds, presharedKey }]) => [key, { allowedIPs, endpoint, keepaliveSeconds, psk: presharedKey?.base64 }]));

/** States in which each prefix has one owner at most, as the planner makes them. */
const anyState = fc
  .array(fc.record({ owner: fc.nat(3), endpoint: fc.nat(2), keepalive: fc.constantFrom(0, 25), withPsk: fc.boolean() }), { maxLength: 6 })
  .map((rows) => {
    const peers = new Map<PublicKey, Peer>();
    for (const [i, { owner, endpoint, keepalive, withPsk }] of rows.entries()) {
      const before = peers.get(keyAt(owner));
      const prefixes = [...(before?.allowedIPs ?? []), i % 2 ? `10.${i}.0.0/24` : `fd0${i}::/64`];
      const changes = { endpoint: parseSocketAddress(`192.0.2.${endpoint}:5555`), keepaliveSeconds: keepalive, presharedKey: withPsk ? psk : undefined };
      peers.set(keyAt(owner), peer(keyAt(owner), prefixes, changes));
    }
    return peers;
  });
const live = (state: ReadonlyMap<PublicKey, Peer>): Peers =>
  new Map([...state].map(([key, p]) => [key, seen(p, { handshakeAt: NOW, ...(p.endpoint && { wroteEndpoint: p.endpoint }) })]));

describe("diffPeers", () => {
  for (const { name, from, to, want } of cases)
    it(name, () => assert.deepEqual(diffPeers(from, to, NOW).map((op) => showPeerOp("wg", op)), want));

  it("leads from every state to every other", () =>
    fc.assert(
      fc.property(anyState, anyState, (from, to) => {
        const reached = run(live(from), diffPeers(live(from), to, NOW));
        assert.deepEqual(essence(reached), essence(to));
        assert.deepEqual(diffPeers(reached, to, NOW), []);
      }),
    ));

  it("touches no peer that is as wanted", () =>
    fc.assert(
      fc.property(anyState, anyState, (from, to) => {
        const [before, after] = [essence(from), essence(to)];
        for (const op of diffPeers(live(from), to, NOW)) {
          const key = op.kind === "add-peer" ? op.peer.publicKey : op.publicKey;
          assert.notDeepEqual(before.get(key), after.get(key), showPeerOp("wg", op));
        }
      }),
    ));

  it("never leaves a prefix that both states want without an owner", () =>
    fc.assert(
      fc.property(anyState, anyState, (from, to) => {
        const all = (peers: ReadonlyMap<PublicKey, Peer>) => new Set([...peers.values()].flatMap((p) => [...p.allowedIPs]));
        const both = all(from).intersection(all(to));
        let peers = live(from);
        for (const op of diffPeers(peers, to, NOW)) {
          peers = run(peers, [op]);
          assert.ok(both.isSubsetOf(all(peers)), showPeerOp("wg", op));
        }
      }),
    ));

  it("does not depend on the order of what is wanted", () =>
    fc.assert(
      fc.property(anyState, anyState, (from, to) => {
        const reversed = new Map([...to].toReversed());
        const lines = (state: ReadonlyMap<PublicKey, Peer>) => diffPeers(live(from), state, NOW).map((op) => showPeerOp("wg", op)).toSorted();
        assert.deepEqual(lines(reversed), lines(to));
        assert.deepEqual(essence(run(live(from), diffPeers(live(from), reversed, NOW))), essence(to));
      }),
    ));
});
