import type { Result } from "./run.ts";
import { titleOf } from "./suite.ts";

/** A line for each case, the failures once more, and the counts. */
export function reportOn(results: readonly Result[]): { readonly lines: readonly string[]; readonly failed: number } {
  const rows = results.flatMap(({ job, rows: own }) => own.map((row) => ({ ...row, title: titleOf(job) })));
  const failures = rows.filter(({ error }) => error !== undefined);
  const lines = rows.map(({ title, name, error, detail }) => `${error === undefined ? "pass" : "FAIL"}  ${title}: ${name}${detail ? `: ${detail}` : ""}`);
  return {
    lines: [...lines, ...failures.map(({ title, name, error }) => `\n${title}: ${name}\n${error}`), `${rows.length - failures.length} passed, ${failures.length} failed`],
    failed: failures.length,
  };
}
