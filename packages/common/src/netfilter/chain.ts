/** Comment that marks a rule of ours in a chain of somebody else. */
export const TAG = "sdn-tunnel";

/** A chain as `nft -j list chains` shows it (libnftables-json(5)). */
export interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** Of a base chain, like the two below. */
  readonly hook?: string;
  readonly type?: string;
  readonly policy?: string;
}

/** A rule in a chain of somebody else. */
export interface ChainRule {
  readonly handle: number;
  /** Of nft(8), or of iptables(8) where it could be read. */
  readonly comment?: string;
  /** What an accept rule matches, as nft(8) takes it: `iifname "sdn-wg*" ip daddr 10.1.0.0/24`; absent for all other rules. */
  readonly body?: string;
  /** `accept`, `drop`, `reject`, `jump cali-FORWARD`; absent when it has none, or none that we know. */
  readonly verdict?: string;
  /** It matches every packet. */
  readonly always: boolean;
}

/** A base chain of somebody else, with its rules in order. */
export interface ForeignChain extends Chain {
  readonly rules: readonly ChainRule[];
}

/** One change of such a chain: only rules with our comment are made and deleted. */
export type ChainOp =
  /** At the head of the chain, or behind a rule. */
  | { readonly kind: "insert-rule"; readonly chain: string; readonly body: string; readonly after?: number }
  | { readonly kind: "delete-rule"; readonly chain: string; readonly handle: number };

/** The chains of others: the one door through which we touch them. */
export interface ForeignChains {
  /** Base chains that `wanted` holds for, never one of our own tables. */
  list(wanted: (chain: Chain) => boolean): Promise<ForeignChain[]>;
  /** Commits all of `ops`, or none of them and rejects. */
  apply(ops: readonly ChainOp[]): Promise<void>;
}

/** `ip filter FORWARD`. */
export const chainKey = ({ family, table, name }: Chain): string => `${family} ${table} ${name}`;

/** The operation as nft(8) takes it. */
export function showChainOp(op: ChainOp): string {
  if (op.kind === "delete-rule") return `delete rule ${op.chain} handle ${op.handle}`;
  const where = op.after === undefined ? `insert rule ${op.chain}` : `add rule ${op.chain} handle ${op.after}`;
  return `${where} ${op.body} counter accept comment "${TAG}"`;
}

/** Whether a packet that no rule of theirs accepts is refused: by policy, or by the last rule. */
export function refusesByDefault({ policy, rules }: ForeignChain): boolean {
  if (policy === "drop") return true;
  const last = rules.findLast(({ comment }) => comment !== TAG);
  return last !== undefined && last.always && (last.verdict === "drop" || last.verdict === "reject");
}
