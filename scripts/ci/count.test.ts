import { describe, expect, it } from "vitest";
import { count } from "./count.mjs";

const passed = { status: "passed", fullName: "a works" };
const failed = {
  status: "failed",
  fullName: "b works",
  failureMessages: ["expected 1 to be 2\n    at b.test.ts:3:1\n    at runner.js:1:1"],
};
const skipped = { status: "skipped", fullName: "c works" };
const file = (...assertionResults: (typeof passed)[]) => ({
  name: "a.test.ts",
  status: assertionResults.includes(failed) ? "failed" : "passed",
  assertionResults,
});
const green = {
  steps: ["setup", "test", "lint", "demo"].map((name) => ({ name, exitCode: 0 })),
  reports: { "packages/a": { testResults: [file(passed, skipped)] }, lab: { testResults: [file(passed), file(passed)] } },
  demo: { checks: [{ name: "pod to pod", ok: true }] },
};
const fail = (name: string) => green.steps.map((step) => (step.name === name ? { name, exitCode: 2 } : step));

describe("count", () => {
  const cases = [
    {
      name: "adds up tests, steps and checks of the demo",
      evidence: green,
      want: { passed: 3 + 2 + 1, skipped: 1, failures: [] },
    },
    {
      name: "names a failed test with its message, and does not count the step beside it",
      evidence: { ...green, steps: fail("test"), reports: { a: { testResults: [file(passed, failed)] } } },
      want: { passed: 1 + 2 + 1, failures: ["a: b works\nexpected 1 to be 2\n    at b.test.ts:3:1"] },
    },
    {
      name: "counts a test file that could not be loaded",
      evidence: {
        ...green,
        steps: fail("test"),
        reports: { a: { testResults: [{ ...file(), status: "failed", message: "SyntaxError" }] } },
      },
      want: { passed: 2 + 1, failures: ["a: a.test.ts\nSyntaxError"] },
    },
    {
      name: "counts a step of tests that failed without a failed test",
      evidence: { ...green, steps: fail("test") },
      want: { passed: 3 + 2 + 1, failures: ["test: ended with exit code 2, its output stands above"] },
    },
    {
      name: "counts a project without a report, even when the step was content",
      evidence: { ...green, reports: { ...green.reports, e2e: undefined } },
      want: { passed: 3 + 2 + 1, failures: ["e2e: its tests left no report"] },
    },
    {
      name: "counts a failed lint",
      evidence: { ...green, steps: fail("lint") },
      want: { passed: 3 + 1 + 1, failures: ["lint: ended with exit code 2, its output stands above"] },
    },
    {
      name: "names a failed check of the demo",
      evidence: { ...green, steps: fail("demo"), demo: { checks: [{ name: "pod to pod", ok: false, detail: "timed out" }] } },
      want: { passed: 3 + 2, failures: ["demo: pod to pod\ntimed out"] },
    },
    {
      name: "counts a demo that printed nothing, once",
      evidence: { ...green, steps: fail("demo"), demo: undefined },
      want: { passed: 3 + 2, failures: ["demo: it printed no document"] },
    },
    {
      name: "counts a demo that failed though its checks were good",
      evidence: { ...green, steps: fail("demo") },
      want: { passed: 3 + 2 + 1, failures: ["demo: ended with exit code 2, its output stands above"] },
    },
  ];
  for (const { name, evidence, want } of cases) it(name, () => expect(count(evidence)).toMatchObject(want));
});
