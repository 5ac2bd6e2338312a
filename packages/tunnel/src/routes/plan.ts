import type { NodeView } from "@sdn-tunnel/common/admit/view";
import type { Route, Rule } from "@sdn-tunnel/common/kernel/route";
import { familyOf } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";
import { rangeOf } from "@sdn-tunnel/common/net/prefix";

/** The routing table of the tunnel. */
export const TUNNEL_TABLE = 5555;

/**
 * One route per subnet of a remote node, with this node's own mesh address as source: the far end accepts no other.
 * A family in which this node has no address gets no routes, since no answer could come back.
 */
export function planRoutes({ subnets }: Pick<NodeView, "subnets">, device: string, ownAddresses: readonly Address[]): Route[] {
  return subnets.flatMap((destination) => {
    const source = ownAddresses.find((address) => familyOf(address) === rangeOf(destination).family);
    return source === undefined ? [] : [{ table: TUNNEL_TABLE, type: "unicast" as const, destination, device, source }];
  });
}

/** The rules that lead into the table: one per family in which this node has an address. */
export function planRules(ownAddresses: readonly Address[], preference: number): Rule[] {
  const families = new Set(ownAddresses.map(familyOf));
  return [...families].toSorted((a, b) => a - b).map((family) => ({ family, preference, table: TUNNEL_TABLE }));
}
