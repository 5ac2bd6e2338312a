import type { LabelSelector } from "../mesh/fields.ts";

type Labels = Readonly<Record<string, string>>;

/** True when `labels` meet the selector (label selector semantics of Kubernetes); an absent selector meets everything. */
export function matchesSelector(labels: Labels, selector: LabelSelector | undefined): boolean {
  if (!selector) return true;
  const equal = Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value);
  return equal && selector.matchExpressions.every((expression) => matchesExpression(labels, expression));
}

function matchesExpression(labels: Labels, { key, operator, values }: LabelSelector["matchExpressions"][number]): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}
