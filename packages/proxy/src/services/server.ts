import { familyOf } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";
import type { Scheduler } from "./scheduler.ts";
import type { TargetKey } from "./target.ts";

export type Transport = "tcp" | "udp" | "sctp";

/** A virtual server in canonical form: `tcp/172.31.0.7:8080`, `udp/[fd00:31::7]:53`. Made by `serverKey()`. */
export type ServerKey = string & { readonly __brand: "ServerKey" };

/** Where clients connect to: a mapped ClusterIP and one of its ports. */
export interface ServerSocket {
  readonly transport: Transport;
  readonly address: Address;
  readonly port: number;
}

/** What a load balancer does with the connections to one socket. */
export interface VirtualServer {
  /** Real servers that get new connections, each an equal share. No duplicates; the order is the backend's own. */
  readonly targets: readonly TargetKey[];
  /** Seconds for which a client address stays with its target; absent without affinity. */
  readonly affinitySeconds?: number;
  /** How a target is chosen; absent for turns (`rr`), and where the backend knows no other. */
  readonly scheduler?: Scheduler;
}

export function serverKey({ transport, address, port }: ServerSocket): ServerKey {
  return `${transport}/${familyOf(address) === 6 ? `[${address}]` : address}:${port}` as ServerKey;
}

/** The inverse of `serverKey()`. */
export function splitServer(key: ServerKey): ServerSocket {
  const slash = key.indexOf("/");
  const colon = key.lastIndexOf(":");
  const address = key.slice(slash + 1, colon).replace(/^\[|\]$/g, "") as Address;
  return { transport: key.slice(0, slash) as Transport, address, port: Number(key.slice(colon + 1)) };
}
