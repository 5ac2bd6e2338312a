import { parsePrefix, prefixOf } from "@sdn-tunnel/common/net/prefix";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";

/** The remote prefixes in a listing of our table by nft(8), which prints a host prefix without its length. */
export function remotePrefixesIn(listing: string): Prefix[] {
  return [...listing.matchAll(/set remote[46] \{[^}]*elements = \{([^}]*)\}/g)].flatMap(([, elements = ""]) =>
    elements.split(",").map((element) => prefixFrom(element.trim())),
  );
}

function prefixFrom(element: string): Prefix {
  if (element.includes("/")) return parsePrefix(element);
  const address = parseAddress(element);
  return prefixOf(address, address.includes(":") ? 128 : 32);
}
