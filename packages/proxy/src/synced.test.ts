import assert from "node:assert/strict";
import { MeshState } from "@sdn-tunnel/common/admit/mesh-state";
import { meshClusterSchema } from "@sdn-tunnel/common/mesh/mesh-cluster";
import { describe, it } from "vitest";
import { untilSynced } from "./synced.ts";

const cluster = (name: string, n: number) =>
  meshClusterSchema.parse({ apiVersion: "sdn-tunnel.io/v1alpha1", kind: "MeshCluster", metadata: { name }, spec: { podCIDRs: [{ cidr: `10.${n}.0.0/16` }] } });

/** A feed whose sources speak one after the other, one at each look. */
function setUp(speak: readonly string[], problem?: string) {
  const state = new MeshState("east");
  state.setClusters([cluster("east", 1), cluster("west", 2)]);
  const rest = [...speak];
  let now = 0;
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
      const next = rest.shift();
      if (next !== undefined) state.setSynced(next);
    },
  };
  const health = new Map(problem === undefined ? [] : [["west", { problems: [{ origin: "/etc/west", document: 0, problems: [{ path: "", message: problem }] }] }] as const]);
  const feed = { state, notReady: () => [], health: () => health };
  const wait = (signal = new AbortController().signal) => untilSynced(feed, { clock, signal, patienceMs: 1000 });
  return { wait, elapsed: () => now };
}

describe("untilSynced()", () => {
  it("waits until every source has spoken", async () => {
    const { wait, elapsed } = setUp(["east", "west"]);
    assert.deepEqual(await wait(), []);
    assert.equal(elapsed(), 20);
  });

  it("says which one is silent, and what is wrong with it, when patience ends", async () => {
    const { wait, elapsed } = setUp(["east"], "there is no such folder");
    assert.deepEqual(await wait(), ["the source of west is not read", "/etc/west: there is no such folder"]);
    assert.equal(elapsed(), 1000);
  });

  it("stops waiting when the daemon ends", async () => {
    const { wait, elapsed } = setUp([]);
    assert.equal((await wait(AbortSignal.abort())).length, 2);
    assert.equal(elapsed(), 0);
  });
});
