import { problemsOf } from "../src/mesh/problems.ts";
import type { z } from "../src/mesh/zod.ts";

/** What a schema says of a manifest: `path: message` of every problem; empty when it is accepted. */
export function complaints(schema: z.ZodType, manifest: unknown): string[] {
  const { error } = schema.safeParse(manifest);
  return error ? problemsOf(error).map(({ path, message }) => `${path}: ${message}`) : [];
}
