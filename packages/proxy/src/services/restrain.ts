import type { Address } from "@sdn-tunnel/common/net/address";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { BackendState } from "./backend.ts";
import { splitServer } from "./server.ts";
import type { ServerKey, VirtualServer } from "./server.ts";

/** What may be changed at an address. */
export interface Restraint {
  /** Nothing: its cluster is paused. */
  readonly frozen: (address: Address) => boolean;
  /** What is no longer wanted may go; false while its source is silent. */
  readonly removable: (address: Address) => boolean;
}

/** What is really aimed at: `planned`, except that the kernel keeps what may not be changed or removed. */
export function restrain(observed: BackendState, planned: BackendState, restraint: Restraint): BackendState {
  const prefixes = new Set<Prefix>();
  for (const prefix of observed.prefixes.union(planned.prefixes)) {
    const address = prefix.slice(0, prefix.indexOf("/")) as Address;
    if (isKept(address, observed.prefixes.has(prefix), planned.prefixes.has(prefix), restraint)) prefixes.add(prefix);
  }
  const servers = new Map<ServerKey, VirtualServer>();
  for (const key of new Set([...observed.servers.keys(), ...planned.servers.keys()])) {
    const server = restrainServer(key, observed.servers.get(key), planned.servers.get(key), restraint);
    if (server) servers.set(key, server);
  }
  return { prefixes, servers };
}

function isKept(address: Address, observed: boolean, planned: boolean, { frozen, removable }: Restraint): boolean {
  if (frozen(address)) return observed;
  return planned || (observed && !removable(address));
}

function restrainServer(
  key: ServerKey,
  observed: VirtualServer | undefined,
  planned: VirtualServer | undefined,
  { frozen, removable }: Restraint,
): VirtualServer | undefined {
  const { address } = splitServer(key);
  if (frozen(address)) return observed;
  if (!observed || removable(address)) return planned;
  if (!planned) return observed;
  const kept = observed.targets.filter((target) => !planned.targets.includes(target));
  return kept.length === 0 ? planned : { ...planned, targets: [...planned.targets, ...kept] };
}
