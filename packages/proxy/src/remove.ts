import type { RoutingTable } from "@sdn-tunnel/common/kernel/route";
import { ProxyError } from "./errors.ts";
import type { Backend } from "./services/backend.ts";
import { removeRoutes } from "./vips/routes.ts";

/**
 * Removes exactly what this daemon put on the node, whether or not this process put it there: `--cleanup`.
 *
 * @throws {ProxyError} APPLY_FAILED when a route stays
 */
export async function removeAll(backend: Backend, routing: RoutingTable): Promise<void> {
  // Routes first: without the table, a client on the node would be let through to the wire.
  const failed = await removeRoutes(routing);
  await backend.remove();
  const [first] = failed;
  if (first) throw new ProxyError({ code: "APPLY_FAILED", what: "the removal of routes", failed: failed.length, reason: first.errno });
}
