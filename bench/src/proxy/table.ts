import type { Row } from "./measure.ts";

/** The rows as a table with aligned columns and the ratio to bare nft. */
export function renderTable(rows: readonly Row[]): string {
  const cells = rows.map(({ what, services, ours, bare }) => [
    what,
    String(services),
    ours.toFixed(1),
    bare === undefined ? "" : bare.toFixed(1),
    bare === undefined ? "" : (ours / bare).toFixed(2),
  ]);
  const all = [["", "Services", "sdn-proxyd", "bare nft", "ratio"], ...cells];
  return alignColumns(all);
}

/** Rows of cells as text: the first column to the left, numbers to the right. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ")).join("\n");
}
