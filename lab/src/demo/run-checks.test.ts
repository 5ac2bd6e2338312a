import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { it } from "vitest";
import { CheckFailed, expect } from "./check.ts";
import type { Check } from "./check.ts";
import { runChecks } from "./run-checks.ts";

interface Rule {
  present: boolean;
}

const check = (twinned: Partial<Check<Rule>> = {}): Check<Rule> => ({
  name: "the rule works",
  prove: async (rule) => {
    expect(rule.present, "the rule is absent");
    return "the rule is there";
  },
  twin: {
    takes: "the rule",
    take: async (rule) => {
      rule.present = false;
      return async () => {
        rule.present = true;
      };
    },
  },
  ...twinned,
});

const run = async (one: Check<Rule>, rule: Rule = { present: true }) => {
  const [result] = await runChecks([one], { stage: rule, impatient: () => rule }, () => {});
  assert(result);
  return { result, rule };
};

it("a check that holds, and fails without the rule, is good; the rule is given back", async () => {
  const { result, rule } = await run(check());
  assert.equal(result.ok, true);
  assert.deepEqual(result.twin && { ...result.twin, ms: 0 }, { takes: "the rule", ok: true, ms: 0, detail: "the rule is absent" });
  assert.equal(rule.present, true);
});

it("a check that fails is bad, and its twin is not run", async () => {
  const { result } = await run(check(), { present: false });
  assert.equal(result.ok, false);
  assert.equal(result.twin, undefined);
});

it("a check that holds without the rule proves nothing: it is bad", async () => {
  const { result } = await run(check({ prove: async () => "always fine" }));
  assert.equal(result.ok, false);
  assert.equal(result.twin?.detail, "still holds: always fine");
});

it("a twin that breaks the demo itself is no proof", async () => {
  const prove = async (rule: Rule): Promise<string> => {
    if (!rule.present) throw new TypeError("no such pod");
    return "fine";
  };
  const { result, rule } = await run(check({ prove }));
  assert.equal(result.ok, false);
  assert.match(result.twin?.detail ?? "", /^the demo broke: TypeError: no such pod/);
  assert.equal(rule.present, true);
});

it("a twin is given as much patience as its check took", async () => {
  const patience: number[] = [];
  const prove = async ({ present }: Rule): Promise<string> => {
    await sleep(20);
    expect(present, "the rule is absent");
    return "fine";
  };
  const rule = { present: true };
  await runChecks([check({ prove })], { stage: rule, impatient: (tookMs) => (patience.push(tookMs), rule) }, () => {});
  assert(patience.length === 1 && patience[0]! >= 19, `${patience}`);
});

it("one check that fails does not stop the next", async () => {
  const failing: Check<Rule> = { name: "a", prove: async () => Promise.reject(new CheckFailed("no")) };
  const rule = { present: true };
  const results = await runChecks([failing, { ...check(), name: "b" }], { stage: rule, impatient: () => rule }, () => {});
  assert.deepEqual(results.map(({ name, ok }) => [name, ok]), [["a", false], ["b", true]]);
});
