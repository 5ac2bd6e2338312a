import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RecordingSink, eventually } from "../../testing/recording-sink.ts";
import type { ObjectSource } from "./source.ts";

/** The world that a source under test reads. */
export interface SourceWorld extends AsyncDisposable {
  /** A source that has delivered nothing yet; reads the kind Namespace. */
  open(): ObjectSource;
  /** From now on there are exactly these manifests, all at once. */
  write(manifests: readonly object[]): Promise<void>;
  /** From now on nothing can be read. */
  lose(): Promise<void>;
  /** It can be read again, and holds these manifests. */
  find(manifests: readonly object[]): Promise<void>;
}

const namespace = (name: string, team = "a") => ({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { team } } });

/** What every source promises (`source.ts`); `make` builds a world with no manifests in it. */
export function describeObjectSource(name: string, make: () => Promise<SourceWorld>): void {
  let world: SourceWorld;
  let sink: RecordingSink;
  let stop: AbortController;
  let running: Promise<void>;

  const start = (): void => void (running = world.open().run(sink, stop.signal));
  const shows = (keys: string): Promise<void> => eventually(() => sink.keys === keys, { saw: () => [sink.keys, sink.last] });

  beforeEach(async () => {
    [world, sink, stop, running] = [await make(), new RecordingSink(), new AbortController(), Promise.resolve()];
  });
  afterEach(async () => {
    stop.abort();
    await running;
    await world[Symbol.asyncDispose]();
  });

  describe(`${name} as an ObjectSource`, () => {
    it("delivers all that there is, then says that it is synced", async () => {
      await world.write([namespace("a"), namespace("b")]);
      let keysAtSync = "";
      const { synced } = sink;
      sink.synced = () => {
        keysAtSync = sink.keys;
        synced.call(sink);
      };
      start();
      await eventually(() => sink.isSynced);
      expect(keysAtSync).toBe("Namespace//a Namespace//b");
      expect(sink.last.staleSince).toBeUndefined();
    });

    it("is synced with nothing when there is nothing", async () => {
      start();
      await eventually(() => sink.isSynced);
      expect(sink.batches).toEqual([]);
    });

    it("delivers what appears, changes and goes, and nothing else", async () => {
      await world.write([namespace("a"), namespace("b"), namespace("c")]);
      start();
      await eventually(() => sink.isSynced);
      sink.batches.length = 0;
      await world.write([namespace("a"), namespace("b", "x"), namespace("d")]);
      await shows("Namespace//a Namespace//b Namespace//d");
      expect(sink.batches).toEqual(["-Namespace//c Namespace//b Namespace//d"]);
    });

    it("delivers nothing for what is written again as it was", async () => {
      await world.write([namespace("a")]);
      start();
      await eventually(() => sink.isSynced);
      await world.write([namespace("a")]);
      await sleep(300);
      expect(sink.batches).toEqual(["Namespace//a"]);
    });

    it("takes nothing away while nothing can be read, and says since when", async () => {
      await world.write([namespace("a"), namespace("b")]);
      start();
      await eventually(() => sink.isSynced);
      const before = Date.now();
      await world.lose();
      await eventually(() => sink.last.staleSince !== undefined);
      await sleep(300);
      expect(sink.keys).toBe("Namespace//a Namespace//b");
      expect(Math.abs((sink.last.staleSince ?? 0) - before)).toBeLessThan(2000);
    });

    it("delivers the difference once it can be read again, and is synced only once", async () => {
      await world.write([namespace("a"), namespace("b")]);
      start();
      await eventually(() => sink.isSynced);
      await world.lose();
      await eventually(() => sink.last.staleSince !== undefined);
      sink.batches.length = 0;
      await world.find([namespace("b"), namespace("c")]);
      await eventually(() => sink.keys === "Namespace//b Namespace//c", { withinMs: 6000, saw: () => sink.keys });
      expect(sink.last.staleSince).toBeUndefined();
    });

    it("is not synced while nothing could ever be read, and then is", async () => {
      await world.lose();
      start();
      await eventually(() => sink.last.staleSince !== undefined);
      await sleep(200);
      expect(sink.isSynced).toBe(false);
      await world.find([namespace("a")]);
      await eventually(() => sink.isSynced, { withinMs: 6000 });
      expect(sink.keys).toBe("Namespace//a");
    });

    it("ends when it is told to, and says nothing afterwards", async () => {
      start();
      await eventually(() => sink.isSynced);
      stop.abort();
      await running;
      await world.write([namespace("a")]);
      await sleep(200);
      expect(sink.batches).toEqual([]);
    });

    it("describes itself", () => expect(world.open().description).toMatch(/\w/));
  });
}
