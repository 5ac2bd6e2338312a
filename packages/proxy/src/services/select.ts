import { nodeKey } from "@sdn-tunnel/common/admit/view";
import type { EndpointView, NodeKey, ServiceView } from "@sdn-tunnel/common/admit/view";

/** Tells whether a node is known to be down; a node that nothing is known of is up. */
export type IsDown = (node: NodeKey) => boolean;

/**
 * True for Services that have virtual addresses; headless ones, ExternalName, those that their labels leave to another
 * proxy, and the local cluster's own are not ours.
 */
export function isProxied({ headless, externalName, vips, cluster, foreignProxy }: ServiceView, localCluster: string): boolean {
  return cluster !== localCluster && !foreignProxy && !headless && externalName === undefined && vips.length > 0;
}

/**
 * Picks the endpoints that get new connections: those that are ready and not terminating; when there is none, those
 * that still serve while they terminate; never one that does not serve (KEP-1669). One on a node that is down does
 * not count in either choice.
 */
export function selectEndpoints(cluster: string, endpoints: readonly EndpointView[], isDown: IsDown): EndpointView[] {
  const alive = endpoints.filter(({ node }) => node === undefined || !isDown(nodeKey(cluster, node)));
  const ready = alive.filter((endpoint) => endpoint.ready && !endpoint.terminating);
  return ready.length > 0 ? ready : alive.filter((endpoint) => endpoint.serving && endpoint.terminating);
}
