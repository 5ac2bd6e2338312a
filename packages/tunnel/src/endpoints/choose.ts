import type { SocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import type { MeshTunnel } from "@sdn-tunnel/common/mesh/mesh-node";
import { familyOf, parseAddress } from "@sdn-tunnel/common/net/address";
import type { Address, Family } from "@sdn-tunnel/common/net/address";

export interface EndpointContext {
  /** Families in which this node can send to the outside. */
  readonly families: ReadonlySet<Family>;
  /** Addresses of a name as last resolved; `undefined` when it never was. */
  readonly resolved: (name: string) => readonly Address[] | undefined;
  /** Why an address may not be an endpoint: the prefix routed into the tunnel that holds it. */
  readonly routed: (address: Address) => string | undefined;
}

export interface EndpointChoice {
  readonly endpoint: SocketAddress | undefined;
  /** Behind a load balancer, a NodePort or a name: its translation must be kept alive. */
  readonly translated: boolean;
  /** Endpoints that lie inside prefixes routed into the tunnel: encrypted packets would loop. */
  readonly refused: readonly string[];
}

/**
 * Chooses the one endpoint that is used for a tunnel: the first in its owner's order that this node can reach.
 *
 * @param nodeIPs of the same node: an endpoint that is none of them is translated on the way
 */
export function chooseEndpoint(
  endpoints: MeshTunnel["endpoints"],
  nodeIPs: readonly Address[],
  { families, resolved, routed }: EndpointContext,
): EndpointChoice {
  const refused: string[] = [];
  for (const { host, port, via } of endpoints) {
    const literal = literalOf(host);
    for (const address of literal ? [literal] : (resolved(host) ?? [])) {
      if (!families.has(familyOf(address))) continue;
      const prefix = routed(address);
      if (prefix !== undefined) {
        refused.push(`endpoint ${address} lies inside ${prefix}, which is routed into the tunnel`);
        continue;
      }
      const translated = via === "LoadBalancer" || via === "NodePort" || !nodeIPs.includes(address);
      return { endpoint: { host: address, port }, translated, refused };
    }
  }
  return { endpoint: undefined, translated: true, refused };
}

/** Names among the endpoints: what has to be resolved. */
export function namesOf(endpoints: MeshTunnel["endpoints"]): string[] {
  return endpoints.map(({ host }) => host).filter((host) => literalOf(host) === undefined);
}

function literalOf(host: string): Address | undefined {
  try {
    return parseAddress(host);
  } catch {
    return undefined;
  }
}
