import type { Address, Family } from "@sdn-tunnel/common/net/address";

/** What routes to service prefixes need to know of this node's network. */
export interface HostFacts {
  /** Addresses by device, without those of the host scope. */
  readonly addresses: readonly { readonly device: string; readonly address: Address }[];
  /** Output device of the default route in table main, by family. */
  readonly defaultDevices: ReadonlyMap<Family, string>;
}

/** This node's network, read only. */
export interface HostNetwork {
  read(): Promise<HostFacts>;
}
