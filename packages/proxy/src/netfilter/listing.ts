import { messageOf } from "@sdn-tunnel/common/errors";
import { ProxyError } from "../errors.ts";

/**
 * The objects that `nft -j list …` printed (libnftables-json(5)). A listing that is not whole is none: what is missing
 * in it would be taken for what is missing in the kernel.
 *
 * @param what was listed, as nft(8) is asked for it: `table inet sdn_proxy`
 * @param object that has to be there: that which was asked for
 * @throws {ProxyError} LISTING_UNREADABLE
 */
export function readListing(json: string, what: string, object?: string): readonly object[] {
  const unreadable = (reason: string, cause?: unknown): ProxyError => new ProxyError({ code: "LISTING_UNREADABLE", what, reason }, { cause });
  let printed: { readonly nftables?: unknown };
  try {
    printed = JSON.parse(json) as { readonly nftables?: unknown };
  } catch (error) {
    throw unreadable(messageOf(error), error);
  }
  const { nftables } = printed ?? {};
  if (!Array.isArray(nftables)) throw unreadable("there is no list in it");
  const objects = nftables as object[];
  for (const needed of ["metainfo", ...(object === undefined ? [] : [object])])
    if (!objects.some((found) => typeof found === "object" && found !== null && needed in found)) throw unreadable(`there is no ${needed} in it`);
  return objects;
}
