import { attribute, attributesOf } from "../kernel/attributes.ts";
import type { Attribute } from "../kernel/attributes.ts";
import type { NetlinkDoor } from "../kernel/door.ts";
import type { Chain } from "./chain.ts";

/** NFNL_SUBSYS_NFTABLES with NFT_MSG_GETRULE, and attributes (linux/netfilter/nf_tables.h). */
const GET_RULE = 0xa07;
const RULE = { table: 1, chain: 2, handle: 3, expressions: 4 } as const;
const EXPRESSION = { name: 1, data: 2 } as const;
const MATCH = { name: 1, info: 3 } as const;
/** Bytes of struct nfgenmsg (linux/netfilter/nfnetlink.h). */
const HEADER = 4;
/** NFPROTO_* of linux/netfilter.h. */
const families: Readonly<Record<string, number>> = { inet: 1, ip: 2, ip6: 10 };

/** Comments that iptables-nft(8) gave to rules of a chain, by the rule's handle: they stand in a match of their own. */
export async function readComments(netfilter: Pick<NetlinkDoor, "dump">, { family, table, name }: Chain): Promise<Map<number, string>> {
  const header = Buffer.from([families[family] ?? 0, 0, 0, 0]);
  const where = [attribute(RULE.table, Buffer.from(`${table}\0`)), attribute(RULE.chain, Buffer.from(`${name}\0`))];
  const request = { type: GET_RULE, payload: Buffer.concat([header, ...where]) };
  const comments = new Map<number, string>();
  for (const answer of await netfilter.dump(request, `nft list chain ${family} ${table} ${name}`)) {
    const attributes = attributesOf(answer.subarray(HEADER));
    const handle = find(attributes, RULE.handle);
    const expressions = find(attributes, RULE.expressions);
    const comment = expressions && attributesOf(expressions).map(({ payload }) => commentIn(payload)).find((text) => text !== undefined);
    if (handle && comment !== undefined) comments.set(Number(handle.readBigUInt64BE()), comment);
  }
  return comments;
}

/** The text of struct xt_comment_info (linux/netfilter/xt_comment.h). */
function commentIn(expression: Buffer): string | undefined {
  const parts = attributesOf(expression);
  const data = find(parts, EXPRESSION.data);
  if (textOf(find(parts, EXPRESSION.name)) !== "match" || !data) return undefined;
  const match = attributesOf(data);
  return textOf(find(match, MATCH.name)) === "comment" ? textOf(find(match, MATCH.info)) : undefined;
}

const find = (attributes: readonly Attribute[], wanted: number): Buffer | undefined => attributes.find(({ type }) => type === wanted)?.payload;

/** Up to the first NUL. */
function textOf(bytes: Buffer | undefined): string | undefined {
  const end = bytes?.indexOf(0) ?? -1;
  return bytes?.toString("utf8", 0, end < 0 ? bytes.length : end);
}
