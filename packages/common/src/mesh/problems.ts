import type { z } from "./zod.ts";
import type { Problem } from "../errors.ts";

/** Every problem that zod found, each with its field path in the notation of a manifest: `spec.podCIDRs[0].cidr`. */
export function problemsOf(error: z.ZodError): Problem[] {
  return error.issues.map((issue) => ({ path: pathOf(issue.path), message: issue.message }));
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.map((step, i) => (typeof step === "number" ? `[${step}]` : `${i ? "." : ""}${String(step)}`)).join("");
}
