import { describe, expect, it } from "vitest";
import { selectorField } from "../mesh/fields.ts";
import { matchesSelector } from "./imports.ts";

const labels = { team: "a", tier: "web" };

const cases = [
  { name: "everything without a selector", selector: undefined, want: true },
  { name: "everything with an empty selector", selector: {}, want: true },
  { name: "an equal label", selector: { matchLabels: { team: "a" } }, want: true },
  { name: "not another value", selector: { matchLabels: { team: "b" } }, want: false },
  { name: "not a missing label", selector: { matchLabels: { zone: "a" } }, want: false },
  { name: "all labels or nothing", selector: { matchLabels: { team: "a", tier: "db" } }, want: false },
  { name: "In with the value", selector: { matchExpressions: [{ key: "team", operator: "In", values: ["a", "b"] }] }, want: true },
  { name: "not In without it", selector: { matchExpressions: [{ key: "team", operator: "In", values: ["b"] }] }, want: false },
  { name: "not In of a missing label", selector: { matchExpressions: [{ key: "zone", operator: "In", values: ["b"] }] }, want: false },
  { name: "NotIn of other values", selector: { matchExpressions: [{ key: "team", operator: "NotIn", values: ["b"] }] }, want: true },
  { name: "NotIn of a missing label", selector: { matchExpressions: [{ key: "zone", operator: "NotIn", values: ["b"] }] }, want: true },
  { name: "not NotIn with the value", selector: { matchExpressions: [{ key: "team", operator: "NotIn", values: ["a"] }] }, want: false },
  { name: "Exists", selector: { matchExpressions: [{ key: "team", operator: "Exists" }] }, want: true },
  { name: "not Exists of a missing label", selector: { matchExpressions: [{ key: "zone", operator: "Exists" }] }, want: false },
  { name: "DoesNotExist of a missing label", selector: { matchExpressions: [{ key: "zone", operator: "DoesNotExist" }] }, want: true },
  { name: "not DoesNotExist of a label that is there", selector: { matchExpressions: [{ key: "team", operator: "DoesNotExist" }] }, want: false },
  { name: "no name that every JavaScript object has", selector: { matchExpressions: [{ key: "constructor", operator: "Exists" }] }, want: false },
  {
    name: "labels and expressions together or nothing",
    selector: { matchLabels: { team: "a" }, matchExpressions: [{ key: "tier", operator: "NotIn", values: ["web"] }] },
    want: false,
  },
];

describe("matchesSelector() takes", () => {
  for (const { name, selector, want } of cases)
    it(name, () => expect(matchesSelector(labels, selector && selectorField.parse(selector))).toBe(want));
});
