import { cpus } from "node:os";
import { renderTable } from "../report/table.ts";
import { measure } from "./measure.ts";
import { ENDPOINTS } from "./mesh.ts";

// `node --conditions=source bench/src/admission/main.ts`: what it costs to admit one change, beside admitting everything.
// Compare the rows of one event, and the ratios; the times are those of the machine, and of what else runs on it.
const sizes = [0, 20_000].flatMap((services) => [100, 1000, 10_000].map((nodes) => [nodes, services] as const));
const rows = sizes.flatMap(([nodes, services]) => measure(nodes, services));
const kinds = [...new Set(rows.map(({ what }) => what))];

console.log(`Node ${process.version}, ${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores; ${ENDPOINTS} endpoints per Service; medians\n`);
console.log(
  renderTable(
    ["what changes", "nodes", "Services", "touched: nodes", "Services", "first admission, ms", "event, ms", "first / event"],
    kinds.flatMap((kind) =>
      rows
        .filter(({ what }) => what === kind)
        .map(({ what, nodes, services, touched, firstMs, ms }) => [
          what,
          ...[nodes, services, touched.nodes, touched.services].map((count) => count.toLocaleString("en")),
          firstMs.toFixed(0),
          ms.toFixed(3),
          Math.round(firstMs / ms).toLocaleString("en"),
        ]),
    ),
  ),
);
