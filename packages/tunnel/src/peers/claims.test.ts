import assert from "node:assert/strict";
import { nodeKey } from "@sdn-tunnel/common/admit/view";
import { beforeEach, describe, it } from "vitest";
import type { PublicKey } from "../keys/key.ts";
import { KeyClaims } from "./claims.ts";

const [a, b, c] = ["a", "b", "c"].map((name) => nodeKey("west", name)) as [ReturnType<typeof nodeKey>, ReturnType<typeof nodeKey>, ReturnType<typeof nodeKey>];
const [K, L] = ["K", "L"] as [PublicKey, PublicKey];
let claims: KeyClaims;
beforeEach(() => void (claims = new KeyClaims()));

describe("KeyClaims", () => {
  it("gives a key to its only claimant", () => {
    assert.deepEqual(claims.set(a, K), []);
    assert.equal(claims.holder(K, undefined), a);
    assert.equal(claims.holder(L, undefined), undefined);
  });

  it("at a cold start gives a key that two claim to neither", () => {
    claims.set(a, K);
    claims.set(b, K);
    assert.equal(claims.holder(K, undefined), undefined);
  });

  it("leaves a key with the node that has it in the kernel, while that one still claims it", () => {
    claims.set(a, K);
    claims.set(b, K);
    assert.equal(claims.holder(K, a), a);
    assert.equal(claims.holder(K, c), undefined);
    claims.set(a, L);
    assert.equal(claims.holder(K, a), b);
  });

  it("names the others whose claim is judged anew", () => {
    claims.set(a, K);
    assert.deepEqual(claims.set(b, K), [a]);
    assert.deepEqual(new Set(claims.set(c, K)), new Set([a, b]));
    assert.deepEqual(new Set(claims.set(c, L)), new Set([a, b]));
    assert.deepEqual(claims.set(b, undefined), [a]);
    assert.deepEqual(claims.set(a, K), []);
    assert.deepEqual([...claims.nodes()], [a, c]);
  });
});
