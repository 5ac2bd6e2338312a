import { CheckFailed } from "./check.ts";
import type { Check, CheckResult, TwinResult } from "./check.ts";

/** Told about each row as soon as it is known, so that a reader sees progress. */
export type OnResult = (result: CheckResult) => void;

/** What the checks play on. */
export interface Stages<S> {
  readonly stage: S;
  /** The same with less patience, for a twin has to wait out what does not come: its check took `tookMs` milliseconds. */
  impatient(tookMs: number): S;
}

/**
 * Runs the checks in order; one that fails does not stop the others. A check is good when it holds and its twin,
 * run after it, does not.
 */
export async function runChecks<S>(checks: readonly Check<S>[], stages: Stages<S>, onResult: OnResult): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const result = await runCheck(check, stages);
    onResult(result);
    results.push(result);
  }
  return results;
}

async function runCheck<S>(check: Check<S>, stages: Stages<S>): Promise<CheckResult> {
  const { ok, ms, detail } = await attempt(() => check.prove(stages.stage));
  if (!check.twin || !ok) return { name: check.name, ok, ms, detail };
  const twin = await runTwin(check, check.twin, stages.stage, stages.impatient(ms));
  return { name: check.name, ok: twin.ok, ms, detail, twin };
}

async function runTwin<S>(check: Check<S>, { takes, take }: NonNullable<Check<S>["twin"]>, stage: S, impatient: S): Promise<TwinResult> {
  const giveBack = await take(stage);
  const { ok, ms, detail, broken } = await attempt(() => check.prove(impatient)).finally(giveBack);
  if (broken) return { takes, ok: false, ms, detail };
  return { takes, ok: !ok, ms, detail: ok ? `still holds: ${detail}` : detail };
}

interface Attempt {
  readonly ok: boolean;
  /** The demo itself is at fault: neither a proof nor a twin. */
  readonly broken: boolean;
  readonly ms: number;
  readonly detail: string;
}

async function attempt(prove: () => Promise<string>): Promise<Attempt> {
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  try {
    return { ok: true, broken: false, detail: await prove(), ms: elapsed() };
  } catch (error) {
    if (error instanceof CheckFailed) return { ok: false, broken: false, detail: error.message, ms: elapsed() };
    return { ok: false, broken: true, detail: `the demo broke: ${(error as Error).stack ?? String(error)}`, ms: elapsed() };
  }
}
