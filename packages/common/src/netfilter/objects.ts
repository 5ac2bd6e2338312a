import { CommonError, messageOf } from "../errors.ts";

/**
 * The objects that `nft -j list …` printed (libnftables-json(5)). A listing that is not whole is none: what is missing
 * in it would be taken for what is missing in the kernel.
 *
 * @param what was listed, as nft(8) is asked for it: `table inet sdn_proxy`
 * @param object that has to be there: what was asked for, or what heads every listing
 * @throws {CommonError} LISTING_UNREADABLE
 */
export function readObjects(json: string, what: string, object = "metainfo"): readonly object[] {
  const unreadable = (problem: string, cause?: unknown): CommonError => new CommonError({ code: "LISTING_UNREADABLE", what, problem }, { cause });
  let printed: { readonly nftables?: unknown };
  try {
    printed = JSON.parse(json) as { readonly nftables?: unknown };
  } catch (error) {
    throw unreadable(messageOf(error), error);
  }
  const { nftables } = printed ?? {};
  if (!Array.isArray(nftables)) throw unreadable("there is no list in it");
  const objects = nftables as object[];
  if (!objects.some((found) => typeof found === "object" && found !== null && object in found)) throw unreadable(`there is no ${object} in it`);
  return objects;
}
