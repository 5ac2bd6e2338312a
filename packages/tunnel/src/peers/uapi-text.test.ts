import assert from "node:assert/strict";
import { parseSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { describe, it } from "vitest";
import { generateKey, publicKeyOf, SecretKey } from "../keys/key.ts";
import type { PublicKey } from "../keys/key.ts";
import type { PeerOp } from "./peer.ts";
import { encodeOp, encodeThrowAway, parseAnswer } from "./uapi-text.ts";

const hex = (base64: string): string => Buffer.from(base64, "base64").toString("hex");
const own = generateKey();
const [K, L] = [publicKeyOf(generateKey()), publicKeyOf(generateKey())] as [PublicKey, PublicKey];
const psk = new SecretKey(generateKey().base64);

const answer = `private_key=${hex(own.base64)}
listen_port=5555
fwmark=0
public_key=${hex(K)}
preshared_key=${hex(psk.base64)}
protocol_version=1
endpoint=192.0.2.21:5555
last_handshake_time_sec=1800000000
last_handshake_time_nsec=250000000
tx_bytes=12
rx_bytes=34
persistent_keepalive_interval=25
allowed_ip=10.9.0.0/24
allowed_ip=fd09::/64
some_later_invention=1
public_key=${hex(L)}
preshared_key=${"0".repeat(64)}
endpoint=[fe80::1%eth0]:5555
last_handshake_time_sec=0
last_handshake_time_nsec=0
errno=0

`;

describe("parseAnswer", () => {
  it("reads a device with peers, and passes over what it does not know", () => {
    const { errno, state } = parseAnswer(answer);
    assert.deepEqual([errno, state.publicKey, state.listenPort], [0, publicKeyOf(own), 5555]);
    const { presharedKey, ...first } = state.peers.get(K)!;
    assert.ok(psk.equals(presharedKey));
    assert.deepEqual(first, {
      publicKey: K,
      allowedIPs: new Set(["10.9.0.0/24", "fd09::/64"].map(parsePrefix)),
      endpoint: parseSocketAddress("192.0.2.21:5555"),
      keepaliveSeconds: 25,
      handshakeAt: 1_800_000_000_250,
      receivedBytes: 34,
      sentBytes: 12,
    });
    assert.deepEqual(state.peers.get(L), {
      publicKey: L,
      allowedIPs: new Set(),
      endpoint: parseSocketAddress("[fe80::1]:5555"),
      keepaliveSeconds: 0,
      presharedKey: undefined,
      receivedBytes: 0,
      sentBytes: 0,
    });
  });

  it("reads an empty device", () => {
    const { state } = parseAnswer("errno=0\n\n");
    assert.deepEqual([state.publicKey, state.listenPort, state.peers.size], [undefined, 0, 0]);
  });

  it("refuses what it cannot read, rather than to take it for nothing", () => {
    for (const broken of ["allowed_ip=10.9.0.0", "endpoint=nowhere", "preshared_key=12"])
      assert.throws(() => parseAnswer(`public_key=${hex(K)}\n${broken}\nerrno=0\n\n`), RangeError);
  });
});

const prefixes = [parsePrefix("10.9.0.0/24"), parsePrefix("fd09::/64")];
const peer = { publicKey: K, allowedIPs: new Set(prefixes), endpoint: parseSocketAddress("[2001:db8::1]:5555"), keepaliveSeconds: 25, presharedKey: psk };
const update = `set=1\npublic_key=${hex(K)}\nupdate_only=true\n`;

const cases: { op: PeerOp; want: string }[] = [
  {
    op: { kind: "add-peer", peer },
    want: `set=1\npublic_key=${hex(K)}\npreshared_key=${hex(psk.base64)}\nendpoint=[2001:db8::1]:5555\npersistent_keepalive_interval=25\nallowed_ip=10.9.0.0/24\nallowed_ip=fd09::/64\n\n`,
  },
  { op: { kind: "set-endpoint", publicKey: K, endpoint: parseSocketAddress("192.0.2.1:1") }, want: `${update}endpoint=192.0.2.1:1\n\n` },
  { op: { kind: "set-keepalive", publicKey: K, keepaliveSeconds: 0 }, want: `${update}persistent_keepalive_interval=0\n\n` },
  { op: { kind: "set-preshared-key", publicKey: K, presharedKey: undefined }, want: `${update}preshared_key=${"0".repeat(64)}\n\n` },
  { op: { kind: "take-prefixes", publicKey: K, prefixes }, want: `${update}allowed_ip=10.9.0.0/24\nallowed_ip=fd09::/64\n\n` },
  { op: { kind: "drop-prefixes", publicKey: K, prefixes }, want: `${update}allowed_ip=-10.9.0.0/24\nallowed_ip=-fd09::/64\n\n` },
  { op: { kind: "remove-peer", publicKey: K, prefixes }, want: `${update}remove=true\n\n` },
];

describe("encodeOp", () => {
  for (const { op, want } of cases) it(op.kind, () => assert.equal(encodeOp(op), want));

  it("covers every kind of operation", () => {
    const kinds: Record<PeerOp["kind"], true> = {
      "add-peer": true,
      "set-endpoint": true,
      "set-keepalive": true,
      "set-preshared-key": true,
      "take-prefixes": true,
      "drop-prefixes": true,
      "remove-peer": true,
    };
    assert.deepEqual(cases.map(({ op }) => op.kind).toSorted(), Object.keys(kinds).toSorted());
  });

  it("never replaces all peers, nor all prefixes of one", () => {
    for (const { op } of cases) assert.doesNotMatch(encodeOp(op), /replace/);
  });

  it("drops prefixes through a throw-away peer where a version knows no other way", () =>
    assert.equal(
      encodeThrowAway(prefixes, L),
      `set=1\npublic_key=${hex(L)}\nallowed_ip=10.9.0.0/24\nallowed_ip=fd09::/64\npublic_key=${hex(L)}\nremove=true\n\n`,
    ));
});
