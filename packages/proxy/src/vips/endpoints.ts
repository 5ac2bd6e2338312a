import { AddressIndex } from "@sdn-tunnel/common/admit/address-index";
import { reachedPrefixes } from "@sdn-tunnel/common/admit/clusters";
import type { NodeNeeds } from "@sdn-tunnel/common/admit/lifeline";
import type { ClusterView, NodeKey, NodeView } from "@sdn-tunnel/common/admit/view";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";

/**
 * WireGuard endpoints of the mesh's nodes, which this node's tunnels need: a guarded prefix must not hold one.
 * A change costs what it changes, and the outcome is that of looking at all nodes.
 */
export class Endpoints {
  readonly #index = new AddressIndex<NodeKey>();
  /** Nodes as last looked at. */
  readonly #seen = new Map<NodeKey, NodeView>();

  /** Takes these nodes as they are now, or all. */
  follow(nodes: ReadonlyMap<NodeKey, NodeView>, keys: Iterable<NodeKey> = new Set([...this.#seen.keys(), ...nodes.keys()])): void {
    for (const key of keys) this.#set(key, nodes.get(key));
  }

  /** The lowest endpoint in each prefix of a remote cluster: one is enough to refuse it. */
  claimedBy(clusters: Iterable<ClusterView>): NodeNeeds["addresses"] {
    const prefixes = [...clusters].flatMap(({ local, config }) => (local ? [] : reachedPrefixes(config)));
    return prefixes.flatMap((prefix) => {
      const found = this.#index.lowestIn(prefix);
      return found ? [{ address: found.address, what: `WireGuard endpoint of ${found.name}` }] : [];
    });
  }

  #set(key: NodeKey, node: NodeView | undefined): void {
    const before = this.#seen.get(key);
    // A view that changed is another object: what has not changed is not parsed again.
    if (node === before) return;
    for (const address of addressesOf(before)) this.#index.delete(address, key);
    for (const address of addressesOf(node)) this.#index.add(address, key);
    if (node) this.#seen.set(key, node);
    else this.#seen.delete(key);
  }
}

function addressesOf(node: NodeView | undefined): Address[] {
  return (node?.tunnels ?? []).flatMap(({ endpoints }) => endpoints.map(({ host }) => host).filter(isAddress));
}

/** An endpoint may be a host name, which the tunnel resolves and checks. */
function isAddress(host: string): host is Address {
  try {
    return parseAddress(host) === host;
  } catch {
    return false;
  }
}
