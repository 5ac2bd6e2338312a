import type { RoutingTable } from "@sdn-tunnel/common/kernel/route";
import { ProxyError } from "./errors.ts";
import type { Backend } from "./services/backend.ts";
import { removeRoutes } from "./vips/routes.ts";

/** Both load balancers: each start may have used another one. */
export interface Backends {
  readonly ipvs: Pick<Backend, "remove">;
  readonly nftables: Pick<Backend, "remove">;
}

/**
 * Removes exactly what this daemon put on the node, whether or not this process put it there: `--cleanup`.
 *
 * @throws {ProxyError} APPLY_FAILED when something stays
 */
export async function removeAll({ ipvs, nftables }: Backends, routing: RoutingTable): Promise<void> {
  await ipvs.remove(); // its services are known by their routes
  // Routes before the table: without it, a client on the node would be let through to the wire.
  const failed = await removeRoutes(routing);
  await nftables.remove(); // the table that both have
  const [first] = failed;
  if (first) throw new ProxyError({ code: "APPLY_FAILED", what: "the removal of routes", failed: failed.length, reason: first.errno });
}
