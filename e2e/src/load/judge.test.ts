import assert from "node:assert/strict";
import { it } from "vitest";
import { judge, parseSamples } from "./judge.ts";

const samples = [
  { target: "ip", at: 900, ms: 5 },
  { target: "ip", at: 990, ms: 40 },
  { target: "ip", at: 1010, ms: 3, error: "ECONNREFUSED" },
  { target: "name", at: 1005, ms: 2000, error: "timeout" },
  { target: "ip", at: 1500, ms: 20 },
];

it("counts what was under way at the kill and what came after it, per target", () => {
  assert.deepEqual(judge(samples, "ip", 1000), { requests: 3, lost: 1, longestMs: 40, firstAnswerAfterMs: 520 });
});

it("has no first answer when none came", () => {
  assert.deepEqual(judge(samples, "name", 1000), { requests: 1, lost: 1, longestMs: 2000, firstAnswerAfterMs: undefined });
});

it("reads complete lines only", () => {
  assert.deepEqual(parseSamples('{"target":"ip","at":1,"ms":2}\n{"target":"ip","at":'), [{ target: "ip", at: 1, ms: 2 }]);
});
