import type { Chain, ChainRule } from "./chain.ts";
import { readObjects } from "./objects.ts";

/** A rule of `nft -a -j list chain`, as far as it is looked at (libnftables-json(5)). */
interface ListedRule {
  readonly handle: number;
  readonly comment?: string;
  readonly expr: readonly Expression[];
}

type Expression = Readonly<Record<string, unknown>>;

/** Reads `nft -j list chains`. @throws {CommonError} LISTING_UNREADABLE */
export function readChains(json: string): Chain[] {
  return (readObjects(json, "chains") as readonly Expression[]).flatMap(({ chain }) => (chain as Chain | undefined) ?? []);
}

/** Reads `nft -a -j list chain`: its rules in order. @throws {CommonError} LISTING_UNREADABLE */
export function readRules(json: string): ChainRule[] {
  return (readObjects(json, "chain", "chain") as readonly Expression[]).flatMap(({ rule }) => (rule ? [readRule(rule as ListedRule)] : []));
}

function readRule({ handle, comment, expr }: ListedRule): ChainRule {
  const matches = expr.filter((part) => "match" in part || isXtMatch(part)).map(readMatch).filter((text) => text !== "");
  const others = expr.filter((part) => !("match" in part || "counter" in part || "log" in part || isXtMatch(part)));
  const verdict = others.length === 1 ? readVerdict(others[0]!) : undefined;
  return {
    handle,
    always: matches.length === 0 && others.length === 1,
    ...(comment === undefined ? {} : { comment }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(verdict === "accept" && !matches.includes(undefined) ? { body: matches.join(" ") } : {}),
  };
}

/** A match or target of iptables(8), whose data nft does not print. */
const xtOf = (part: Expression): { type?: string; name?: string } | undefined => part["xt"] as { type?: string; name?: string } | undefined;

const isXtMatch = (part: Expression): boolean => xtOf(part)?.type === "match";

function readVerdict(part: Expression): string | undefined {
  for (const verdict of ["accept", "drop", "reject"]) if (verdict in part) return verdict;
  const { target } = (part["jump"] ?? part["goto"] ?? {}) as { target?: string };
  if (target !== undefined) return `jump ${target}`;
  return xtOf(part)?.name === "REJECT" ? "reject" : undefined;
}

/** A match as nft(8) takes it, `undefined` for one that we never write; the empty text for one that matches everything. */
function readMatch(part: Expression): string | undefined {
  if (isXtMatch(part)) return xtOf(part)?.name === "comment" ? "" : undefined;
  const { op, left, right } = part["match"] as { op?: string; left?: { meta?: { key: string }; payload?: Payload }; right?: unknown };
  if (op !== undefined && op !== "==") return undefined;
  if (left?.meta && typeof right === "string") return `${left.meta.key} "${right}"`;
  if (!left?.payload) return undefined;
  const { protocol, field } = left.payload;
  if (field === "dport" && typeof right === "number") return `${protocol} dport ${right}`;
  const prefix = field === "saddr" || field === "daddr" ? readPrefix(right) : undefined;
  return prefix && `${protocol} ${field} ${prefix}`;
}

interface Payload {
  readonly protocol: string;
  readonly field: string;
}

/** nft prints a prefix of full length as a plain address. */
function readPrefix(right: unknown): string | undefined {
  if (typeof right === "string") return `${right}/${right.includes(":") ? 128 : 32}`;
  const { prefix } = (right ?? {}) as { prefix?: { addr: string; len: number } };
  return prefix && `${prefix.addr}/${prefix.len}`;
}
