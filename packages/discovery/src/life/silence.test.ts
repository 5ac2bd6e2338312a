import { parseAddress } from "@sdn-tunnel/common/net/address";
import { describe, expect, it } from "vitest";
import { Silence } from "./silence.ts";

const targets = (count: number) => Array.from({ length: count }, (_, i) => ({ node: `node-${i}`, addresses: [parseAddress(`10.2.${i}.1`)] }));
const options = { intervalMs: 1000, deadAfterMs: 5000 };

/** Plays rounds of one second; returns after how many the cluster was dead first, and who was asked in each. */
function play(count: number, answers: (node: string, second: number) => boolean, seconds = 20) {
  const nodes = targets(count);
  const silence = new Silence(0);
  const asked: string[][] = [];
  let deadAt: number | undefined;
  for (let second = 0; second < seconds; second++) {
    const round = silence.next(nodes, options).map(({ node }) => node);
    asked.push(round);
    for (const node of round) if (answers(node, second)) silence.heard(node, second * 1000);
    const dead = silence.isDead(nodes, second * 1000, options);
    deadAt ??= dead ? second : undefined;
  }
  return { asked, deadAt, dead: silence.isDead(nodes, seconds * 1000, options) };
}

describe("Silence", () => {
  it("asks one node per round as long as it answers", () => {
    const { asked, deadAt } = play(3, () => true);
    expect(new Set(asked.flat())).toEqual(new Set(["node-0"]));
    expect(asked.every((round) => round.length === 1)).toBe(true);
    expect(deadAt).toBeUndefined();
  });

  it("asks the next when one is silent, and stays with the one that answers", () => {
    const { asked, deadAt } = play(3, (node) => node === "node-2");
    expect(asked.slice(0, 5)).toEqual([["node-0"], ["node-1"], ["node-2"], ["node-2"], ["node-2"]]);
    expect(deadAt).toBeUndefined();
  });

  for (const count of [1, 2, 7, 100])
    it(`calls a cluster of ${count} silent nodes dead after deadAfter, not earlier, once all were asked`, () => {
      const { asked, deadAt } = play(count, () => false);
      expect(deadAt).toBeGreaterThanOrEqual(5);
      expect(deadAt).toBeLessThanOrEqual(6);
      expect(new Set(asked.slice(0, (deadAt ?? 0) + 1).flat()).size).toBe(count);
    });

  it("calls it alive as soon as one answers again", () => {
    const { dead, deadAt } = play(3, (node, second) => second > 10 && node === "node-1");
    expect([deadAt, dead]).toEqual([5, false]);
  });

  it("does not call a cluster dead of which no node is known", () => {
    expect(play(0, () => false)).toMatchObject({ deadAt: undefined, dead: false });
  });

  it("starts to count when the first node is known", () => {
    const silence = new Silence(0);
    silence.isDead([], 60_000, options);
    silence.next(targets(1), options);
    expect([silence.isDead(targets(1), 61_000, options), silence.isDead(targets(1), 65_000, options)]).toEqual([false, true]);
  });
});
