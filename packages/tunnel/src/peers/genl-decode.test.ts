import assert from "node:assert/strict";
import { attribute, nest } from "@sdn-tunnel/common/kernel/attributes";
import { parseSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { TunnelError } from "../errors.ts";
import { SecretKey } from "../keys/key.ts";
import type { PublicKey } from "../keys/key.ts";
import { decodeDump } from "./genl-decode.ts";
import { encodeDevice, encodeOp } from "./genl-encode.ts";
import { WG } from "./genl-header.ts";
import type { Peer } from "./peer.ts";

const DEVICE = "sdn-wg-a";
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((data) => Buffer.from(data).toString("base64"));
const prefix = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.boolean()).map(([i, v6]) => parsePrefix(v6 ? `fd09:${i}::/64` : `10.9.${i}.0/24`));
const peer: fc.Arbitrary<Peer> = fc.record({
  publicKey: bytes32.map((key) => key as PublicKey),
  allowedIPs: fc.uniqueArray(prefix, { maxLength: 20 }).map((list) => new Set(list)),
  endpoint: fc.constantFrom(undefined, parseSocketAddress("192.0.2.7:5555"), parseSocketAddress("[2001:db8::7]:6000")),
  keepaliveSeconds: fc.constantFrom(0, 25, 65_535),
  presharedKey: fc.constantFrom(undefined, new SecretKey(Buffer.alloc(32, 7).toString("base64"))),
});

/** What the kernel says of peers is what it is told, but for counters and times. */
const dump = (peers: readonly Peer[]): Buffer => encodeDevice(DEVICE, peers.flatMap((one) => encodeOp({ kind: "add-peer", peer: one })));

function readsOrRefuses(messages: readonly Buffer[]): void {
  try {
    const { peers } = decodeDump(DEVICE, messages);
    assert.ok(peers.size <= messages.reduce((sum, { length }) => sum + length / 36, 0));
  } catch (error) {
    assert.ok(error instanceof TunnelError && error.fault.code === "DEVICE_UNREADABLE");
    assert.match(error.message, /^Cannot read the state of sdn-wg-a: /);
  }
}

describe("decodeDump()", () => {
  it("reads what the device is, and a peer byte by byte", () => {
    const [key, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const port = attribute(WG.device.listenPort, Buffer.from("b315", "hex"));
    const time = attribute(WG.peer.handshake, Buffer.from("0055e8650000000040420f0000000000", "hex")); // 1709724928.001 s
    const received = attribute(WG.peer.received, Buffer.from("0100000001000000", "hex"));
    const unknown = attribute(77, Buffer.from("from a later kernel"));
    const entry = nest(0, [attribute(WG.peer.publicKey, other), attribute(WG.peer.presharedKey, Buffer.alloc(32)), time, received, unknown]);
    const state = decodeDump(DEVICE, [Buffer.concat([attribute(WG.device.publicKey, key), port, nest(WG.device.peers, [entry]), unknown])]);
    assert.deepEqual([state.publicKey, state.listenPort], [key.toString("base64"), 5555]);
    assert.deepEqual([...state.peers.values()], [
      {
        publicKey: other.toString("base64"),
        allowedIPs: new Set(),
        endpoint: undefined,
        keepaliveSeconds: 0,
        presharedKey: undefined,
        handshakeAt: 1_709_724_928_001,
        receivedBytes: 2 ** 32 + 1,
        sentBytes: 0,
      },
    ]);
  });

  it("finds a fresh device without key and port", () => {
    assert.deepEqual(decodeDump(DEVICE, [encodeDevice(DEVICE)]), { publicKey: undefined, listenPort: 0, peers: new Map() });
  });

  it("reads every peer back, wherever the messages are cut", () =>
    fc.assert(
      fc.property(fc.uniqueArray(peer, { selector: ({ publicKey }) => publicKey }), fc.nat(), (peers, cut) => {
        const at = peers.length === 0 ? 0 : cut % peers.length;
        const split = peers[at];
        // The peer at the cut comes twice: with half of its prefixes, then with the others only.
        const list = [...(split?.allowedIPs ?? [])];
        const half = split && { ...split, allowedIPs: new Set(list.slice(0, list.length >> 1)) };
        const rest = split && { ...split, allowedIPs: new Set(list.slice(list.length >> 1)), endpoint: undefined, presharedKey: undefined, keepaliveSeconds: 0 };
        const messages = [dump([...peers.slice(0, at), ...(half ? [half] : [])]), dump([...(rest ? [rest] : []), ...peers.slice(at + 1)])];
        const read = [...decodeDump(DEVICE, messages).peers.values()].map(({ receivedBytes: _, sentBytes: __, ...found }) => found);
        assert.deepEqual(read, peers.map((one) => ({ ...one })));
      }),
    ));

  it("refuses by the package's own error what is no dump", () => {
    const noise = fc.array(fc.uint8Array({ maxLength: 300 }).map((data) => Buffer.from(data)), { maxLength: 3 });
    fc.assert(fc.property(noise, readsOrRefuses), { numRuns: 500 });
  });

  it("refuses a dump with some bytes changed, or reads it", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(peer, { minLength: 1, maxLength: 4 }), damage, fc.nat(), (peers, changes, end) => {
        const message = dump(peers);
        for (const [at, value] of changes) message[at % message.length] = value;
        readsOrRefuses([message.subarray(0, end % 3 === 0 ? end % message.length : message.length)]);
      }),
      { numRuns: 500 },
    );
  });
});
