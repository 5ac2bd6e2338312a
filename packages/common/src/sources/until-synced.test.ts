import { describe, expect, it } from "vitest";
import { aMeshCluster } from "../../testing/objects.ts";
import { MeshState } from "../admit/mesh-state.ts";
import { untilSynced } from "./until-synced.ts";

/** A feed whose sources speak one after the other, one at each look. */
function setUp(speak: readonly string[], problem?: string) {
  const state = new MeshState("east");
  state.setClusters([aMeshCluster("east", { pods: ["10.1.0.0/16"] }), aMeshCluster("west", { pods: ["10.2.0.0/16"] })]);
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
    expect(await wait()).toEqual([]);
    expect(elapsed()).toBe(20);
  });

  it("says which one is silent, and what is wrong with it, when patience ends", async () => {
    const { wait, elapsed } = setUp(["east"], "there is no such folder");
    expect(await wait()).toEqual(["the source of west is not read", "/etc/west: there is no such folder"]);
    expect(elapsed()).toBe(1000);
  });

  it("stops waiting when the daemon ends", async () => {
    const { wait, elapsed } = setUp([]);
    expect((await wait(AbortSignal.abort())).length).toBe(2);
    expect(elapsed()).toBe(0);
  });
});
