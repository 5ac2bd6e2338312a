import assert from "node:assert/strict";
import { parseSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { generateKey, publicKeyOf } from "../keys/key.ts";
import type { PublicKey } from "../keys/key.ts";
import type { WireguardDevice } from "./device.ts";
import type { Peer, PeerOp } from "./peer.ts";

/** What the suite runs on: an empty device without a key. */
export interface DeviceCase {
  readonly name: string;
  readonly run: (device: WireguardDevice) => Promise<void>;
}

const newKey = (): PublicKey => publicKeyOf(generateKey());
/** A key that nobody made: any 32 bytes are a point of the curve. */
const numbered = (i: number): PublicKey => Buffer.alloc(32, `${i} of the peers of a test `).toString("base64") as PublicKey;
const prefixes = (...texts: string[]): ReadonlySet<ReturnType<typeof parsePrefix>> => new Set(texts.map(parsePrefix));
const peer = ({ publicKey = newKey(), ...changes }: Partial<Peer> = {}): Peer => ({
  publicKey,
  allowedIPs: prefixes("10.9.0.0/24", "fd09::/64"),
  endpoint: parseSocketAddress("192.0.2.21:5555"),
  keepaliveSeconds: 25,
  presharedKey: undefined,
  ...changes,
});

async function applied(device: WireguardDevice, ...ops: readonly PeerOp[]): Promise<void> {
  assert.deepEqual(await device.apply(ops), { done: ops, failed: [] });
}

async function holds(device: WireguardDevice, ...peers: readonly Peer[]): Promise<void> {
  const observed = [...(await device.observe()).peers.values()].map(comparable);
  assert.deepEqual(new Set(observed), new Set(peers.map((p) => comparable(p))));
}

function comparable({ publicKey, allowedIPs, endpoint, keepaliveSeconds, presharedKey }: Peer) {
  return { publicKey, allowedIPs: [...allowedIPs].toSorted((a, b) => (a < b ? -1 : 1)), endpoint, keepaliveSeconds, psk: presharedKey?.base64 };
}

/** Every adapter of `WireguardDevice` behaves like this. */
export const deviceContract: readonly DeviceCase[] = [
  {
    name: "takes a key and a port, and keeps its peers when it does",
    async run(device) {
      const [first, second] = [generateKey(), generateKey()];
      const other = peer();
      assert.equal((await device.observe()).publicKey, undefined);
      await device.configure({ privateKey: first, listenPort: 5555 });
      await applied(device, { kind: "add-peer", peer: other });
      await device.configure({ privateKey: second, listenPort: 5556 });
      const { publicKey, listenPort } = await device.observe();
      assert.deepEqual({ publicKey, listenPort }, { publicKey: publicKeyOf(second), listenPort: 5556 });
      await holds(device, other);
    },
  },
  {
    name: "reads back what was written",
    async run(device) {
      const full = peer({ presharedKey: generateKey(), endpoint: parseSocketAddress("[2001:db8::21]:5555") });
      const bare = peer({ allowedIPs: prefixes(), endpoint: undefined, keepaliveSeconds: 0 });
      await applied(device, { kind: "add-peer", peer: full }, { kind: "add-peer", peer: bare });
      await holds(device, full, bare);
      const observed = (await device.observe()).peers.get(full.publicKey);
      assert.equal(observed?.handshakeAt, undefined);
      assert.equal(observed?.receivedBytes, 0);
    },
  },
  {
    name: "changes one thing at a time",
    async run(device) {
      const before = peer();
      const { publicKey } = before;
      const presharedKey = generateKey();
      const endpoint = parseSocketAddress("192.0.2.22:6666");
      await applied(
        device,
        { kind: "add-peer", peer: before },
        { kind: "set-endpoint", publicKey, endpoint },
        { kind: "set-keepalive", publicKey, keepaliveSeconds: 0 },
        { kind: "set-preshared-key", publicKey, presharedKey },
        { kind: "take-prefixes", publicKey, prefixes: [parsePrefix("10.9.1.0/24")] },
        { kind: "drop-prefixes", publicKey, prefixes: [parsePrefix("10.9.0.0/24")] },
      );
      const after = { ...before, endpoint, keepaliveSeconds: 0, presharedKey, allowedIPs: prefixes("10.9.1.0/24", "fd09::/64") };
      await holds(device, after);
      await applied(device, { kind: "set-preshared-key", publicKey, presharedKey: undefined });
      await holds(device, { ...after, presharedKey: undefined });
    },
  },
  {
    name: "a prefix belongs to one peer: whoever takes it has it, and its former owner does not get it back",
    async run(device) {
      const [first, second] = [peer(), peer({ allowedIPs: prefixes("10.9.1.0/24") })];
      await applied(device, { kind: "add-peer", peer: first }, { kind: "add-peer", peer: second });
      await applied(device, { kind: "take-prefixes", publicKey: second.publicKey, prefixes: [parsePrefix("10.9.0.0/24")] });
      const robbed = { ...first, allowedIPs: prefixes("fd09::/64") };
      await holds(device, robbed, { ...second, allowedIPs: prefixes("10.9.0.0/24", "10.9.1.0/24") });
      await applied(device, { kind: "remove-peer", publicKey: second.publicKey, prefixes: [] });
      await holds(device, robbed);
    },
  },
  {
    name: "nested prefixes live side by side",
    async run(device) {
      const [wide, narrow] = [peer({ allowedIPs: prefixes("10.9.0.0/16") }), peer({ allowedIPs: prefixes("10.9.4.0/24") })];
      await applied(device, { kind: "add-peer", peer: wide }, { kind: "add-peer", peer: narrow });
      await holds(device, wide, narrow);
    },
  },
  {
    name: "an update of a peer that is not there creates none",
    async run(device) {
      const publicKey = newKey();
      await applied(
        device,
        { kind: "set-keepalive", publicKey, keepaliveSeconds: 25 },
        { kind: "take-prefixes", publicKey, prefixes: [parsePrefix("10.9.0.0/24")] },
        { kind: "drop-prefixes", publicKey, prefixes: [parsePrefix("10.9.0.0/24")] },
        { kind: "remove-peer", publicKey, prefixes: [] },
      );
      await holds(device);
    },
  },
  {
    name: "names the errno of what is refused, and goes on with the rest",
    async run(device) {
      const [first, last] = [peer(), peer({ allowedIPs: prefixes("10.9.1.0/24") })];
      const bad: PeerOp = { kind: "add-peer", peer: peer({ publicKey: "QUFB" as PublicKey, allowedIPs: prefixes("10.9.2.0/24") }) };
      const good: PeerOp[] = [first, last].map((one) => ({ kind: "add-peer", peer: one }));
      const { done, failed } = await device.apply([good[0]!, bad, good[1]!]);
      assert.deepEqual(done, good);
      assert.deepEqual(failed.map(({ op }) => op), [bad]);
      assert.match(failed[0]?.errno ?? "", /^E[A-Z]+$/);
      await holds(device, first, last);
    },
  },
  {
    name: "drops a prefix and leaves its nested ones and its neighbours",
    async run(device) {
      const [one, other] = [peer({ allowedIPs: prefixes("10.9.0.0/16", "10.9.4.0/24", "fd09::/48") }), peer({ allowedIPs: prefixes("10.9.4.128/25") })];
      await applied(device, { kind: "add-peer", peer: one }, { kind: "add-peer", peer: other });
      const drop = ["10.9.4.0/24", "fd09::/48"].map(parsePrefix);
      await applied(device, { kind: "drop-prefixes", publicKey: one.publicKey, prefixes: drop });
      await holds(device, { ...one, allowedIPs: prefixes("10.9.0.0/16") }, other);
    },
  },
  {
    name: "takes and tells 1,200 prefixes of one peer, which are more than a message holds",
    async run(device) {
      const many = Array.from({ length: 1200 }, (_, i) => (i % 2 ? `fd09:${i.toString(16)}::/64` : `10.${100 + (i >> 8)}.${i & 255}.0/24`));
      const [loaded, other] = [peer({ allowedIPs: prefixes(...many) }), peer({ allowedIPs: prefixes() })];
      await applied(device, { kind: "add-peer", peer: loaded }, { kind: "add-peer", peer: other });
      await holds(device, loaded, other);
      await applied(device, { kind: "take-prefixes", publicKey: other.publicKey, prefixes: many.map(parsePrefix) });
      await holds(device, { ...loaded, allowedIPs: prefixes() }, { ...other, allowedIPs: loaded.allowedIPs });
      await applied(device, { kind: "drop-prefixes", publicKey: other.publicKey, prefixes: many.map(parsePrefix) });
      await holds(device, { ...loaded, allowedIPs: prefixes() }, other);
    },
  },
  {
    name: "holds 5,000 peers, and removes a hundred of them",
    async run(device) {
      const peers = Array.from({ length: 5000 }, (_, i) => peer({ publicKey: numbered(i), allowedIPs: prefixes(`10.${i >> 8}.${i & 255}.0/24`) }));
      await applied(device, ...peers.map((one): PeerOp => ({ kind: "add-peer", peer: one })));
      await holds(device, ...peers);
      const gone = peers.filter((_, i) => i % 50 === 0);
      await applied(device, ...gone.map(({ publicKey }): PeerOp => ({ kind: "remove-peer", publicKey, prefixes: [] })));
      await holds(device, ...peers.filter((_, i) => i % 50 !== 0));
    },
  },
  {
    name: "is no peer of itself",
    async run(device) {
      const own = generateKey();
      await device.configure({ privateKey: own, listenPort: 5555 });
      await applied(device, { kind: "add-peer", peer: peer({ publicKey: publicKeyOf(own) }) });
      await holds(device);
    },
  },
];
