import type { Problem } from "../errors.ts";
import type { z } from "./zod.ts";

type Issue = z.core.$ZodIssue;

/** Every problem that a schema found, each with its field path in the notation of a manifest: `spec.podCIDRs[0].cidr`. */
export function problemsOf(error: z.ZodError): Problem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [{ path: pathOf(issue.path), message: wordingOf(issue) }];
    return issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), message: "is no known field; remove it or correct its name" }));
  });
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.map((step, i) => (typeof step === "number" ? `[${step}]` : `${i ? "." : ""}${String(step)}`)).join("");
}

/** What is accepted; a schema's own message says it already. */
function wordingOf(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.message.endsWith("received undefined") ? `is missing; it must be ${kind(issue.expected)}` : `must be ${kind(issue.expected)}`;
    case "invalid_value":
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    case "too_small":
      return `must ${amount(issue.origin, "at least", issue.minimum)}`;
    case "too_big":
      return `must ${amount(issue.origin, "at most", issue.maximum)}`;
    default:
      return issue.message;
  }
}

const kinds: Readonly<Record<string, string>> = { array: "a list", object: "an object", record: "an object", int: "a whole number", boolean: "true or false" };

const kind = (expected: string): string => kinds[expected] ?? `a ${expected}`;

function amount(origin: string, bound: string, value: number | bigint): string {
  if (origin === "string") return `have ${bound} ${value} characters`;
  return origin === "array" ? `have ${bound} ${value} ${value === 1 ? "entry" : "entries"}` : `be ${bound} ${value}`;
}
