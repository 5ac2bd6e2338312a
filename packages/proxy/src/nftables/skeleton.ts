import { createLayout } from "./layout.ts";
import type { TableDump } from "./table.ts";

/** Family and name of the table: everything in it is ours. */
export const TABLE = "inet sdn_proxy";

const layout = createLayout();
const body = [
  ...layout.sets.map(({ kind, name, spec }) => `  ${kind} ${name} { ${spec} }`),
  ...layout.chains.flatMap(({ name, hook, rules }) => [
    `  chain ${name} {`,
    ...(hook === undefined ? [] : [`    ${hook}`]),
    ...rules.map((rule) => `    ${rule}`),
    "  }",
  ]),
].join("\n");

/** An empty chain whose name is a digest of the layout, so that another release's table is known as such. */
const marker = `layout_${digest(body)}`;

/** The script that lays the table out anew, in one transaction with whatever follows. */
export const skeleton = `${dropScript()}table ${TABLE} {\n${body}\n  chain ${marker} {\n  }\n}\n`;

/** Removes the table, whether it is there or not: adding a table that exists does nothing. */
export function dropScript(): string {
  return `add table ${TABLE}\ndelete table ${TABLE}\n`;
}

/** Chains of the layout with their number of rules, and names of its sets. */
export const expected = {
  chains: new Map([...layout.chains.map(({ name, rules }) => [name, rules.length] as const), [marker, 0] as const]),
  sets: new Set(layout.sets.map(({ name }) => name)),
};

/** True when nothing of the layout is missing or has lost or gained a rule, and it is this release's. */
export function isIntact({ chains, sets }: TableDump): boolean {
  return (
    [...expected.chains].every(([name, rules]) => chains.get(name)?.rules === rules) &&
    [...expected.sets].every((name) => sets.has(name))
  );
}

/** FNV-1a, 32 bits: tells layouts apart, protects nothing. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}
