import { renderTable } from "../report/table.ts";
import type { Row } from "./measure.ts";

/** The rows as a table, with the ratio to bare nft. */
export function renderRows(rows: readonly Row[]): string {
  const cells = rows.map(({ what, services, ours, bare }) => [
    what,
    String(services),
    ours.toFixed(1),
    bare === undefined ? "" : bare.toFixed(1),
    bare === undefined ? "" : (ours / bare).toFixed(2),
  ]);
  return renderTable(["", "Services", "sdn-proxyd", "bare nft", "ratio"], cells);
}
