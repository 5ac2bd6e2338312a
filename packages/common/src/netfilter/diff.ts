import { chainKey, TAG } from "./chain.ts";
import type { ChainOp, ChainRule, ForeignChain } from "./chain.ts";

/** What of a chain is ours, and where it has to be. */
export interface AcceptPlan {
  /** Bodies of the accept rules that are wanted, without counter and comment. */
  readonly wanted: readonly string[];
  /** Which rules with our comment are this daemon's: both use the same one. */
  readonly owns: (body: string) => boolean;
  /** Rules of others behind which ours belong, at any time: they enforce policies that an accept of ours would pass by. */
  readonly behind?: (rule: ChainRule) => boolean;
}

/**
 * Lists what brings our accept rules into a chain of somebody else. They stand before every rule of others that may
 * refuse; a rule that stands so is left alone, and so is every rule without our comment.
 *
 * @returns deletions, then insertions, for one transaction; empty when nothing is to be done
 */
export function diffAccepts(chain: ForeignChain, { wanted, owns, behind = () => false }: AcceptPlan): ChainOp[] {
  const key = chainKey(chain);
  const { rules } = chain;
  const start = rules.findLastIndex(behind) + 1;
  const refusal = rules.findIndex((rule, index) => index >= start && mayRefuse(rule));
  const end = refusal < 0 ? rules.length : refusal;
  const placed = new Set<string>();
  const deletions: ChainOp[] = [];
  for (const [index, { handle, comment, body }] of rules.entries()) {
    if (comment !== TAG || body === undefined || !owns(body)) continue;
    if (index >= start && index < end && wanted.includes(body) && !placed.has(body)) placed.add(body);
    else deletions.push({ kind: "delete-rule", chain: key, handle });
  }
  const after = rules[start - 1]?.handle;
  const missing = wanted.filter((body) => !placed.has(body));
  const insertions = missing.map((body): ChainOp => ({ kind: "insert-rule", chain: key, body, ...(after === undefined ? {} : { after }) }));
  return [...deletions, ...insertions];
}

/** Rules of ours never do, whichever daemon's, and an accept of others may as well come first. */
const mayRefuse = ({ comment, verdict }: ChainRule): boolean => comment !== TAG && verdict !== "accept";
