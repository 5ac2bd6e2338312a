import { MeshState } from "@sdn-tunnel/common/admit/mesh-state";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../../../common/testing/fake-clock.ts";
import { aMeshCluster, aMeshNode, arrival, departure } from "../../../common/testing/objects.ts";
import { LifeWatch } from "./life-watch.ts";

const east = aMeshCluster("east", { pods: ["10.1.0.0/16"] });
const west = aMeshCluster("west", { pods: ["10.2.0.0/16"], deadAfter: "3s" });
const nodes = [1, 2].map((i) => aMeshNode(`west-${i}`, { subnets: [`10.2.${i}.0/24`], addresses: [`10.2.${i}.1`] }));

async function watching(play: (advance: (ms: number) => Promise<void>, mesh: MeshState, silent: Set<string>, events: string[]) => Promise<void>) {
  const mesh = new MeshState("east");
  mesh.setClusters([east, west]);
  const [clock, silent, events, asked] = [new FakeClock(), new Set<string>(), [] as string[], [] as string[]];
  const probe = {
    ask: (address: string) => {
      asked.push(address);
      return Promise.resolve(!silent.has(address));
    },
  };
  const changed = (cluster: string, dead: boolean): void => void events.push(`${cluster} ${dead ? "dead" : "alive"}`);
  const watch = new LifeWatch({ view: mesh, probe, clock, changed });
  const stop = new AbortController();
  const running = watch.run(stop.signal);
  await play((ms) => clock.advance(ms), mesh, silent, events);
  stop.abort();
  await running;
  return { asked, events, watch };
}

describe("LifeWatch", () => {
  it("tells when a cluster dies and when it is back", async () => {
    const { events, asked } = await watching(async (advance, mesh, silent) => {
      mesh.apply("west", nodes.map(arrival));
      await advance(5000);
      for (const address of ["10.2.1.1", "10.2.2.1"]) silent.add(address);
      await advance(5000);
      silent.delete("10.2.2.1");
      await advance(3000);
    });
    expect(events).toEqual(["west dead", "west alive"]);
    expect(asked.slice(0, 4), "one node a second while all is well").toEqual(["10.2.1.1", "10.2.1.1", "10.2.1.1", "10.2.1.1"]);
  });

  it("does not tell of a cluster without nodes, nor of the local one", async () => {
    const { events, asked } = await watching(async (advance, mesh) => {
      mesh.apply("east", [arrival(aMeshNode("east-1", { subnets: ["10.1.1.0/24"], addresses: ["10.1.1.1"] }))]);
      await advance(20_000);
    });
    expect([events, asked]).toEqual([[], []]);
  });

  it("calls a dead cluster alive when its nodes are gone: nobody can know", async () => {
    const { events } = await watching(async (advance, mesh, silent) => {
      mesh.apply("west", nodes.map(arrival));
      for (const address of ["10.2.1.1", "10.2.2.1"]) silent.add(address);
      await advance(6000);
      mesh.apply("west", nodes.map(departure));
      await advance(2000);
    });
    expect(events).toEqual(["west dead", "west alive"]);
  });

  it("forgets a cluster that is taken out of the mesh", async () => {
    const { watch } = await watching(async (advance, mesh, silent) => {
      mesh.apply("west", nodes.map(arrival));
      for (const address of ["10.2.1.1", "10.2.2.1"]) silent.add(address);
      await advance(6000);
      mesh.setClusters([east]);
      await advance(2000);
    });
    expect(watch.isDead("west")).toBe(false);
  });
});
