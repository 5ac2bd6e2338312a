import assert from "node:assert/strict";
import { beforeEach, describe, it } from "vitest";
import { FakeClock } from "../../testing/fake-clock.ts";
import { attribute } from "../kernel/attributes.ts";
import { encodeMessage } from "../kernel/netlink-message.ts";
import type { ListeningSocket } from "../kernel/multicast.ts";
import { watchRuleset } from "./watch.ts";

const word = (value: number): Buffer => Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);
const message = (type: number, ...attributes: Buffer[]): Buffer =>
  encodeMessage({ type, flags: 0, sequence: 1, payload: Buffer.concat([Buffer.from([1, 0, 0, 0]), ...attributes]) });
/** What the kernel tells of one transaction on a table. */
const transaction = (generation: number, table: string): Buffer =>
  Buffer.concat([message(0xa00, attribute(1, Buffer.from(`${table}\0`))), message(0xa0f, attribute(1, word(generation)))]);

class FakeSocket implements ListeningSocket {
  readonly #listeners = new Map<string, (value: never) => void>();
  on(event: string, listener: (value: never) => void): void {
    this.#listeners.set(event, listener);
  }
  tell(event: "message" | "error", value: unknown): void {
    this.#listeners.get(event)?.(value as never);
  }
  close(): void {
    this.#listeners.clear();
  }
}

let [clock, socket, looks, heard, own, stop] = [new FakeClock(0), new FakeSocket(), [] as string[], [] as number[], new Set<number>(), new AbortController()];
beforeEach(() => {
  [clock, socket, looks, heard, own, stop] = [new FakeClock(0), new FakeSocket(), [], [], new Set(), new AbortController()];
  watchRuleset(
    {
      multicast: { listenTo: (protocol, groups) => (assert.deepEqual([protocol, groups], [12, [7]]), socket) },
      clock,
      concerns: ({ tables }) => tables.has("inet ours"),
      ruleset: { hear: ({ generation }) => heard.push(generation), forgetTold: () => heard.splice(0), isOwn: (generation) => own.has(generation) },
      look: (told) => looks.push(`${clock.now()}: ${told ? told.map(({ generation }) => generation).join(" ") : "lost"}`),
    },
    stop.signal,
  );
});
const told = (generation: number, table = "ours"): void => socket.tell("message", transaction(generation, table));

describe("watchRuleset()", () => {
  it("tells of a burst once, after it has gathered", async () => {
    for (const generation of [1, 2, 3]) told(generation);
    await clock.advance(100);
    assert.deepEqual(looks, ["100: 1 2 3"]);
  });

  it("is not disturbed by other tables, nor by our own transactions, of which we hear before our tool ends", async () => {
    told(1, "kube-proxy");
    told(2);
    own.add(2);
    await clock.advance(5000);
    assert.deepEqual([looks, heard], [[], [1, 2]]);
  });

  it("looks once a second at most, however often somebody writes", async () => {
    for (let i = 0; i < 50; i++) {
      told(i);
      await clock.advance(100);
    }
    assert.deepEqual(looks.map((line) => line.split(":")[0]), ["100", "1100", "2100", "3100", "4100"]);
  });

  for (const [name, tell] of [
    ["were lost", () => socket.tell("error", new Error("ENOBUFS"))],
    ["cannot be read", () => socket.tell("message", transaction(1, "kube-proxy").subarray(0, 30))],
  ] as const)
    it(`looks when notices ${name}`, async () => {
      told(1, "kube-proxy");
      tell();
      await clock.advance(100);
      assert.deepEqual([looks, heard], [["100: lost"], []]);
    });

  it("ends with its signal, in the middle of a burst as well", async () => {
    told(1);
    stop.abort();
    await clock.advance(2000);
    told(2);
    await clock.advance(2000);
    assert.deepEqual(looks, []);
  });
});
