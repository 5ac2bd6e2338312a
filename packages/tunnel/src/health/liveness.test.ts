import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { noteAnswer, noteLoss, startLiveness } from "./liveness.ts";
import type { Liveness } from "./liveness.ts";

/** One probe each 500 ms: `+` answered, `-` lost. Returns what is known after each. */
function play(probes: string, from = startLiveness(0)): Liveness[] {
  const states: Liveness[] = [];
  let state = from;
  for (const [i, probe] of [...probes].entries()) {
    const now = (i + 1) * 500;
    state = probe === "+" ? noteAnswer(state, now, 0.4) : noteLoss(state, now);
    states.push(state);
  }
  return states;
}
const shown = (states: readonly Liveness[]): string =>
  states.map(({ up }) => (up === undefined ? "?" : up ? "U" : "d")).join("");

const cases: { name: string; probes: string; want: string }[] = [
  { name: "is unknown until two answers", probes: "+++", want: "?UU" },
  { name: "is unknown until three losses", probes: "----", want: "??dd" },
  { name: "stays up over two losses", probes: "++--++", want: "?UUUUU" },
  { name: "goes down with the third loss in a row", probes: "++---", want: "?UUUd" },
  { name: "comes back with the second answer in a row", probes: "++---+-++", want: "?UUUddddU" },
  { name: "does not come back by single answers", probes: "---+-+-+-", want: "??ddddddd" },
  // Three changes (d, U, d) within a minute: the next way up needs 10 s, 20 probes after the first answer.
  { name: "after the third change needs ten calm seconds", probes: `++---++---${"+".repeat(22)}`, want: `?UUUddUUUd${"d".repeat(20)}UU` },
  { name: "begins to count the calm anew at each loss", probes: `++---++---${"+".repeat(10)}-${"+".repeat(22)}`, want: `?UUUddUUUd${"d".repeat(31)}UU` },
];

describe("liveness", () => {
  for (const { name, probes, want } of cases) it(name, () => assert.equal(shown(play(probes)), want));

  it("forgets changes after a minute", () => {
    const state = play("++---++---").at(-1)!;
    const later = noteAnswer(noteAnswer(state, 70_000, 1), 70_500, 1);
    assert.equal(later.up, true);
    assert.equal(later.since, 70_500);
  });

  it("takes an ICMP port unreachable as an answer and keeps the last round-trip time", () => {
    const state = noteAnswer(noteAnswer(startLiveness(0), 1, 0.7), 2, undefined);
    assert.deepEqual([state.up, state.rttMs], [true, 0.7]);
  });

  it("goes on from what the last agent knew", () => assert.equal(shown(play("-", startLiveness(0, false))), "d"));

  it("is down after any three losses, and changes at the probe that it says", () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom("+", "-")), (probes) => {
        const states = play([...probes, "-", "-", "-"].join(""));
        assert.equal(states.at(-1)?.up, false);
        for (const [i, { up, since }] of states.entries())
          if (i > 0 && up !== states[i - 1]?.up) assert.equal(since, (i + 1) * 500);
      }),
    ));
});
