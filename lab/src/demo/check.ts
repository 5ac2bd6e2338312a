/** What a check throws when what it proves is not so; anything else that is thrown is a fault of the demo itself. */
export class CheckFailed extends Error {
  override readonly name = "CheckFailed";
}

/** Throws `CheckFailed` unless `condition` holds. */
export function expect(condition: boolean, detail: string): asserts condition {
  if (!condition) throw new CheckFailed(detail);
}

/** The proof that a check can fail: our rule is taken away, the same check must fail, the rule is given back. */
export interface Twin<S> {
  /** What is taken away: `table inet sdn_tunnel of east-1`. */
  readonly takes: string;
  /** Takes it away; returns what gives it back. */
  take(stage: S): Promise<() => Promise<void>>;
}

/** One thing that the demo proves. */
export interface Check<S> {
  /** Unique; also what it proves, in one line. */
  readonly name: string;
  /** Resolves to what was seen; throws `CheckFailed` when it is not so. */
  prove(stage: S): Promise<string>;
  readonly twin?: Twin<S>;
}

/** A check's row in `--json`. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly detail: string;
  readonly twin?: TwinResult;
}

/** `ok` is true when the check failed without our rule, as it must. */
export interface TwinResult {
  readonly takes: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly detail: string;
}
