import { styleText } from "node:util";
import type { CheckResult } from "./check.ts";

/** What `--json` prints, one document. */
export interface DemoReport {
  readonly engine: string;
  readonly sdn: string;
  /** What carries the packets, and why that was chosen. */
  readonly dataPlane: Readonly<Record<string, string>>;
  readonly checks: readonly CheckResult[];
}

/** One check as a line of the table: mark, time, name, what was seen; its twin below. */
export function showResult({ name, ok, ms, detail, twin }: CheckResult): string {
  const lines = [`${mark(ok)} ${time(ms)}  ${name}: ${detail}`];
  if (twin) lines.push(`${mark(twin.ok)} ${time(twin.ms)}    without ${twin.takes} it fails: ${twin.detail}`);
  return lines.join("\n");
}

/** The closing lines: how many checks and twins held, and how long all took. */
export function showSummary({ checks }: DemoReport, seconds: number): string {
  const twins = checks.flatMap(({ twin }) => (twin ? [twin] : []));
  const passed = checks.filter(({ ok }) => ok).length;
  const failed = checks.filter(({ ok }) => !ok).map(({ name }) => `  ${name}`);
  const counts = `${passed} of ${checks.length} checks passed, ${twins.filter(({ ok }) => ok).length} of ${twins.length} twins failed as they must, in ${seconds.toFixed(1)} s`;
  return failed.length > 0 ? [counts, "failed:", ...failed].join("\n") : counts;
}

/** True when every check passed, and there was at least one. */
export const passed = ({ checks }: DemoReport): boolean => checks.length > 0 && checks.every(({ ok }) => ok);

const mark = (ok: boolean): string => (ok ? styleText("green", "pass") : styleText("red", "FAIL"));

const time = (ms: number): string => `${(ms / 1000).toFixed(2).padStart(6)} s`;
