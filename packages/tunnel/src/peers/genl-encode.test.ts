import assert from "node:assert/strict";
import { parseSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { describe, it } from "vitest";
import { SecretKey } from "../keys/key.ts";
import type { PublicKey } from "../keys/key.ts";
import { encodeDevice, encodeOp, encodeSettings } from "./genl-encode.ts";
import type { PeerOp } from "./peer.ts";

// Expected bytes are written by hand after linux/wireguard.h and struct nlattr: length and type of 2 bytes each,
// 0x8000 marks what is nested, everything is padded to 4 bytes.
const KEY = "11".repeat(32);
const SECRET = "2a".repeat(32);
const publicKey = Buffer.from(KEY, "hex").toString("base64") as PublicKey;
const presharedKey = new SecretKey(Buffer.from(SECRET, "hex").toString("base64"));
const key = `2400 0100 ${KEY}`;
const updateOnly = "0800 0300 04000000";
const v4 = (flags = ""): string => `${flags ? "2400" : "1c00"} 0080  0600 0100 0200 0000  0800 0200 0a090000  0500 0300 18 000000 ${flags}`;
const v6 = "2800 0080  0600 0100 0a00 0000  1400 0200 fd090000000000000000000000000000  0500 0300 40 000000";
const prefixes = ["10.9.0.0/24", "fd09::/64"].map(parsePrefix);

const cases: readonly (readonly [string, PeerOp, string])[] = [
  [
    "add-peer",
    { kind: "add-peer", peer: { publicKey, presharedKey, endpoint: parseSocketAddress("192.0.2.21:5555"), keepaliveSeconds: 25, allowedIPs: new Set(prefixes) } },
    `b000 0080 ${key} 2400 0200 ${SECRET} 1400 0400 0200 15b3 c0000215 0000000000000000 0600 0500 1900 0000 4800 0980 ${v4()} ${v6}`,
  ],
  [
    "add-peer without anything",
    { kind: "add-peer", peer: { publicKey, presharedKey: undefined, endpoint: undefined, keepaliveSeconds: 0, allowedIPs: new Set() } },
    `2800 0080 ${key}`,
  ],
  [
    "set-endpoint",
    { kind: "set-endpoint", publicKey, endpoint: parseSocketAddress("[2001:db8::21]:5556") },
    `5000 0080 ${key} ${updateOnly} 2000 0400 0a00 15b4 00000000 20010db8000000000000000000000021 00000000`,
  ],
  ["set-keepalive", { kind: "set-keepalive", publicKey, keepaliveSeconds: 0 }, `3800 0080 ${key} ${updateOnly} 0600 0500 0000 0000`],
  [
    "set-preshared-key to none",
    { kind: "set-preshared-key", publicKey, presharedKey: undefined },
    `5400 0080 ${key} ${updateOnly} 2400 0200 ${"00".repeat(32)}`,
  ],
  ["take-prefixes", { kind: "take-prefixes", publicKey, prefixes: [prefixes[0]!] }, `5000 0080 ${key} ${updateOnly} 2000 0980 ${v4()}`],
  [
    "drop-prefixes",
    { kind: "drop-prefixes", publicKey, prefixes: [prefixes[0]!] },
    `5800 0080 ${key} ${updateOnly} 2800 0980 ${v4("0800 0400 01000000")}`,
  ],
  ["remove-peer", { kind: "remove-peer", publicKey, prefixes: [] }, `3000 0080 ${key} 0800 0300 01000000`],
];

const hex = (text: string): string => text.replaceAll(" ", "");

describe("encodeOp(), byte by byte", () => {
  for (const [name, op, want] of cases) it(name, () => assert.equal(Buffer.concat(encodeOp(op)).toString("hex"), hex(want)));

  it("covers every kind of operation", () => {
    const kinds: PeerOp["kind"][] = ["add-peer", "set-endpoint", "set-keepalive", "set-preshared-key", "take-prefixes", "drop-prefixes", "remove-peer"];
    assert.deepEqual([...new Set(cases.map(([, { kind }]) => kind))], kinds);
  });

  it("drops prefixes through a peer that goes at once, for older kernels", () => {
    const nobody = Buffer.from("33".repeat(32), "hex").toString("base64") as PublicKey;
    const entries = encodeOp({ kind: "drop-prefixes", publicKey, prefixes: [prefixes[0]!] }, nobody);
    const theirs = `2400 0100 ${"33".repeat(32)}`;
    assert.deepEqual(entries.map((entry) => entry.toString("hex")), [
      hex(`4800 0080 ${theirs} 2000 0980 ${v4()}`),
      hex(`3000 0080 ${theirs} 0800 0300 01000000`),
    ]);
  });

  it("never asks for a replacement, and spreads many prefixes over entries that only update", () => {
    const many = Array.from({ length: 1100 }, (_, i) => parsePrefix(`fd09:${i.toString(16)}::/64`));
    const entries = encodeOp({ kind: "add-peer", peer: { publicKey, presharedKey, endpoint: undefined, keepaliveSeconds: 0, allowedIPs: new Set(many) } });
    assert.equal(entries.length, 3);
    for (const entry of entries) assert.ok(entry.length < 20_200);
    for (const entry of entries.slice(1)) assert.equal(entry.subarray(40, 48).toString("hex"), hex(updateOnly));
  });
});

describe("messages about a device", () => {
  const name = "0d00 0200 73646e2d77672d6100 000000";
  it("name it, with its key and port", () => {
    assert.equal(encodeSettings("sdn-wg-a", { privateKey: presharedKey }).toString("hex"), hex(`${name} 2400 0300 ${SECRET}`));
    assert.equal(encodeSettings("sdn-wg-a", { listenPort: 5555 }).toString("hex"), hex(`${name} 0600 0600 b315 0000`));
  });
  it("name it, with its peers", () => {
    assert.equal(encodeDevice("sdn-wg-a").toString("hex"), hex(name));
    const entries = encodeOp({ kind: "remove-peer", publicKey, prefixes: [] });
    assert.equal(encodeDevice("sdn-wg-a", entries).toString("hex"), hex(`${name} 3400 0880 3000 0080 ${key} 0800 0300 01000000`));
  });
});
