import { inPhases } from "./order.ts";
import { dropScript, skeleton, TABLE } from "./skeleton.ts";
import type { NftOp } from "./table.ts";

/** The operations as a script for `nft -f`, which commits it as a whole. */
export function renderScript(ops: readonly NftOp[]): string {
  return inPhases(ops).map(renderPhase).join("");
}

function renderPhase(ops: readonly NftOp[]): string {
  const [first] = ops;
  if (first?.kind === "delete-element") return renderElements("delete", ops);
  if (first?.kind === "add-element") return renderElements("add", ops);
  return ops.map(renderOp).join("");
}

function renderOp(op: NftOp): string {
  switch (op.kind) {
    case "drop":
      return dropScript();
    case "build":
      return skeleton;
    case "add-client-set":
      return `add set ${TABLE} ${op.set} { type ${op.type}; size 65535; flags dynamic,timeout; timeout ${op.seconds}s; }\n`;
    case "write-chain": {
      const head = `add chain ${TABLE} ${op.chain}\nflush chain ${TABLE} ${op.chain}\n`;
      return head + op.rules.map((rule) => `add rule ${TABLE} ${op.chain} ${rule}\n`).join("");
    }
    case "delete-chain":
      return `flush chain ${TABLE} ${op.chain}\ndelete chain ${TABLE} ${op.chain}\n`;
    case "delete-set":
      return `delete set ${TABLE} ${op.set}\n`;
    case "add-element":
    case "delete-element":
      return renderElements(op.kind === "add-element" ? "add" : "delete", [op]);
  }
}

/** One command per map: nft spends most of its time per command, not per element. */
function renderElements(verb: "add" | "delete", ops: readonly NftOp[]): string {
  const byMap = new Map<string, string[]>();
  for (const op of ops) {
    if (op.kind !== "add-element" && op.kind !== "delete-element") continue;
    const elements = byMap.get(op.map) ?? [];
    byMap.set(op.map, elements);
    elements.push(op.kind === "add-element" && op.value !== undefined ? `${op.key} : ${op.value}` : op.key);
  }
  return [...byMap].map(([map, elements]) => `${verb} element ${TABLE} ${map} { ${elements.join(", ")} }\n`).join("");
}
