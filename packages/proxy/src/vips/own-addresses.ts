import { familyOf } from "@sdn-tunnel/common/net/address";
import type { Address, Family } from "@sdn-tunnel/common/net/address";
import { containsAddress } from "@sdn-tunnel/common/net/overlap";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";

/** Where this node's own mesh addresses may be learnt from. */
export interface OwnAddressSources {
  /** `--address`. */
  readonly flags: readonly Address[];
  /** `spec.addresses` of this node's MeshNode. */
  readonly published: readonly Address[];
  /** Pod prefixes behind this node: `--node-subnet`, else its Node object. */
  readonly subnets: readonly Prefix[];
  /** Addresses that the node has. */
  readonly local: readonly Address[];
}

/** The node's own address in the mesh, at most one per family: the source of its own connections to virtual addresses. */
export function ownAddresses({ flags, published, subnets, local }: OwnAddressSources): Map<Family, Address> {
  const inside = local.filter((address) => subnets.some((subnet) => containsAddress(subnet, address)));
  const own = new Map<Family, Address>();
  // The kernel refuses a source that the node does not have: what is published may be from before a change.
  for (const address of [...flags, ...published.filter((candidate) => local.includes(candidate)), ...inside])
    if (!own.has(familyOf(address))) own.set(familyOf(address), address);
  return own;
}
