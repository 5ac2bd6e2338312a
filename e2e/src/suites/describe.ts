import { describe, expect, it } from "vitest";
import type { Result } from "./run.ts";
import { titleOf } from "./suite.ts";

/** A test for each case that ran, or was promised. */
export function describeResults(results: readonly Result[]): void {
  for (const { job, rows } of results)
    describe(titleOf(job), () => {
      for (const { name, error } of rows) it(name, () => expect(error).toBeUndefined());
    });
}
