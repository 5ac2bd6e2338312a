import { describe, expect, it } from "vitest";
import { aMeshCluster } from "../../testing/objects.ts";
import { MeshState } from "../admit/mesh-state.ts";
import { untilReady, untilSynced } from "./until-synced.ts";

/** A feed whose sources speak one after the other, ten milliseconds apart. */
function setUp(speak: readonly string[], problem?: string) {
  const state = new MeshState("east");
  state.setClusters([aMeshCluster("east", { pods: ["10.1.0.0/16"] }), aMeshCluster("west", { pods: ["10.2.0.0/16"] })]);
  const rest = [...speak];
  const listeners: (() => void)[] = [];
  const notReady = (): string[] => (state.clusters.get("east")?.synced ? [] : ["east is not read yet"]);
  let now = 0;
  let looks = 0;
  const clock = {
    now: () => now,
    sleep: async (ms: number, signal: AbortSignal) => {
      looks += 1;
      const next = rest.shift();
      now += next === undefined ? ms : 10;
      if (next === undefined) return;
      state.setSynced(next);
      for (const listener of listeners) listener();
      expect(signal.aborted).toBe(true);
    },
  };
  const health = new Map(problem === undefined ? [] : [["west", { problems: [{ origin: "/etc/west", document: 0, problems: [{ path: "", message: problem }] }] }] as const]);
  const feed = { state, notReady, health: () => health, onTouched: (listener: () => void) => void listeners.push(listener) };
  const tell = (name: string): void => {
    state.setSynced(name);
    for (const listener of listeners) listener();
  };
  const wait = (signal = new AbortController().signal) => untilSynced(feed, { clock, signal, patienceMs: 1000 });
  return { feed, tell, wait, elapsed: () => now, looks: () => looks };
}

describe("untilSynced()", () => {
  it("waits until every source has spoken, and looks only when one did", async () => {
    const { wait, elapsed, looks } = setUp(["east", "west"]);
    expect(await wait()).toEqual([]);
    expect([elapsed(), looks()]).toEqual([20, 2]);
  });

  it("says which one is silent, and what is wrong with it, when patience ends", async () => {
    const { wait, elapsed } = setUp(["east"], "there is no such folder");
    expect(await wait()).toEqual(["the source of west is not read", "/etc/west: there is no such folder"]);
    expect(elapsed()).toBe(1000);
  });

  it("stops waiting when the daemon ends", async () => {
    const { wait, elapsed } = setUp([]);
    expect((await wait(AbortSignal.abort())).length).toBe(3);
    expect(elapsed()).toBe(0);
  });
});

describe("untilReady()", () => {
  it("waits for the local cluster, and for no other", async () => {
    const { feed, tell } = setUp([]);
    let ready = false;
    const waiting = untilReady(feed, new AbortController().signal).then(() => (ready = true));
    tell("west");
    await Promise.resolve();
    expect(ready).toBe(false);
    tell("east");
    await waiting;
  });

  it("stops waiting when the daemon ends", async () => {
    const { feed } = setUp([]);
    const end = new AbortController();
    const waiting = untilReady(feed, end.signal);
    end.abort();
    await expect(waiting).resolves.toBeUndefined();
    await expect(untilReady(feed, end.signal)).resolves.toBeUndefined();
  });
});
