import { readObjects } from "@sdn-tunnel/common/netfilter/objects";
import { expected, TABLE } from "./skeleton.ts";
import type { ChainDump, TableDump } from "./table.ts";

/** The parts of libnftables-json(5) that our table is printed with. */
interface Listed {
  readonly chain?: { readonly name: string };
  readonly rule?: { readonly chain: string; readonly expr: readonly Expression[] };
  readonly set?: ListedSet;
  readonly map?: ListedSet;
}

interface ListedSet {
  readonly name: string;
  readonly elem?: readonly unknown[];
}

type Expression = Readonly<Record<string, unknown>>;
type Concat = { readonly concat: readonly (string | number)[] };

/** Reads what `nft -j list table inet sdn_proxy` printed. @throws {CommonError} LISTING_UNREADABLE */
export function parseListing(json: string): TableDump {
  const chains = new Map<string, ChainDump>();
  const sets = new Set<string>();
  const elements = new Map<string, Map<string, string>>();
  for (const { chain, rule, set, map } of readObjects(json, `table ${TABLE}`, "table") as readonly Listed[]) {
    if (chain) chains.set(chain.name, { rules: 0, targets: [] });
    if (rule) chains.set(rule.chain, withRule(chains.get(rule.chain), rule.expr));
    const listed = set ?? map;
    if (!listed) continue;
    sets.add(listed.name);
    if (!expected.sets.has(listed.name)) continue; // clients of a sticky server
    elements.set(listed.name, new Map((listed.elem ?? []).map(map ? readPair : (prefix) => [readPrefix(prefix), ""])));
  }
  return { chains, sets, elements };
}

function withRule(chain: ChainDump = { rules: 0, targets: [] }, expr: readonly Expression[]): ChainDump {
  return { rules: chain.rules + 1, targets: [...chain.targets, ...expr.flatMap(readTargets)] };
}

/** Data of `dnat … to numgen … map { 0 : 10.20.1.2 . 8080, … }`. */
function readTargets(expression: Expression): string[] {
  const { addr } = (expression["dnat"] ?? {}) as { addr?: { map?: { data?: { set?: readonly [number, Concat][] } } } };
  const data = addr?.map?.data?.set;
  return Array.isArray(data) ? data.map(([, { concat }]) => concat.join(" . ")) : [];
}

/** An element of a map as `[key, value]`; one in a form that we never write keeps its JSON and so matches nothing. */
function readPair(element: unknown): [string, string] {
  const [key, value] = Array.isArray(element) ? (element as unknown[]) : [element];
  return [joined(key), joined(value)];
}

function joined(value: unknown): string {
  const { concat, goto } = (value ?? {}) as { concat?: readonly unknown[]; goto?: { target: string } };
  if (concat) return concat.join(" . ");
  return goto ? `goto ${goto.target}` : JSON.stringify(value);
}

/** nft prints a prefix of full length as a plain address. */
function readPrefix(element: unknown): string {
  const { prefix } = (typeof element === "object" ? element : {}) as { prefix?: { addr: string; len: number } };
  if (prefix) return `${prefix.addr}/${prefix.len}`;
  return `${String(element)}/${String(element).includes(":") ? 128 : 32}`;
}
