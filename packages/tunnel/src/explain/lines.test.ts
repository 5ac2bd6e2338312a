import assert from "node:assert/strict";
import { nodeKey } from "@sdn-tunnel/common/admit/view";
import { describe, it } from "vitest";
import { keyOfLetter, testCluster, testMesh, testNode } from "../bed/objects.ts";
import { startLiveness } from "../health/liveness.ts";
import type { ObservedPeer } from "../peers/peer.ts";
import { explainNode } from "./lines.ts";
import type { NodeStory } from "./lines.ts";

const key = nodeKey("west", "node-1");
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const node = testMesh([testCluster("west", 22)], { west: [testNode(22, 1, "a")] }).node(key)!;
const peer: ObservedPeer = {
  publicKey: keyOfLetter("a"),
  allowedIPs: new Set(node.subnets),
  endpoint: { host: node.nodeIPs[0]!, port: 5555 },
  keepaliveSeconds: 25,
  presharedKey: undefined,
  handshakeAt: NOW - 41_000,
  receivedBytes: 0,
  sentBytes: 0,
};
const refusal = { cluster: "west", object: "MeshNode node-1", reason: "KeyConflict" as const, detail: "the key is held by west/node-2" };
const plan = { node, peer, routes: [], refusals: [] };

const cases: { name: string; story: Partial<NodeStory>; want: RegExp }[] = [
  {
    name: "a node that is reached",
    story: { peer, liveness: { ...startLiveness(NOW, true), rttMs: 0.456 } },
    want: /^west\/node-1: prefixes 10\.22\.1\.0\/24, .*; endpoint 192\.0\.2\.23:5555; keepalive 25 s; handshake 41 s ago; up since 2026-01-02T03:04:05\.000Z, round trip 0\.46 ms$/,
  },
  { name: "one that does not answer", story: { peer, liveness: startLiveness(NOW, false) }, want: /; down since 2026-01-02/ },
  { name: "one that was not probed yet", story: { peer: { ...peer, endpoint: undefined } }, want: /no endpoint: it must come to us; .*not probed yet$/ },
  { name: "one without a tunnel, with the reason", story: { plan: { ...plan, peer: undefined, refusals: [refusal] } }, want: /no tunnel \(KeyConflict: the key is held by west\/node-2\)$/ },
  { name: "one that publishes no key", story: { plan: { ...plan, peer: undefined } }, want: /no tunnel \(it publishes no key for device a\)$/ },
  { name: "one that the device does not have yet", story: {}, want: /wanted, not in the device yet$/ },
];

describe("explainNode", () => {
  for (const { name, story, want } of cases)
    it(name, () => assert.match(explainNode({ key, plan, peer: undefined, liveness: undefined, ...story }, NOW), want));
});
