import assert from "node:assert/strict";
import { it } from "vitest";
import { judge } from "./judge.ts";

const records = [
  { url: "ip", at: 900, ms: 5 },
  { url: "ip", at: 990, ms: 40 },
  { url: "ip", at: 1010, ms: 3, error: "ECONNREFUSED" },
  { url: "name", at: 1005, ms: 2000, error: "timeout" },
  { url: "ip", at: 1100, ms: 3, error: "ECONNREFUSED" },
  { url: "ip", at: 1500, ms: 20 },
];

it("counts what was under way at the kill and what came after it, for each URL by itself", () => {
  assert.deepEqual(judge(records, "ip", 1000), { requests: 4, lost: 2, longestMs: 40, firstAnswerMs: 520, outageMs: 90, errors: ["ECONNREFUSED"] });
});

it("has no first answer when none came", () => {
  assert.deepEqual(judge(records, "name", 1000), { requests: 1, lost: 1, longestMs: 2000, outageMs: 0, errors: ["timeout"] });
});
