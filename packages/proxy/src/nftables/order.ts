import type { NftOp } from "./table.ts";

/** Kinds in the order in which one transaction does them, so that operations on many servers can share a command. */
const phases = [
  "drop",
  "build",
  "add-client-set",
  "write-chain",
  "delete-element",
  "add-element",
  "delete-chain",
  "delete-set",
] as const satisfies readonly NftOp["kind"][];

/** The operations by kind, each kind in its given order; the kernel accepts any `diffFootprints()` this way. */
export function inPhases(ops: readonly NftOp[]): NftOp[][] {
  const byKind = Map.groupBy(ops, ({ kind }) => kind);
  return phases.map((phase) => byKind.get(phase) ?? []);
}
