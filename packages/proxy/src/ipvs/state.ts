import type { ServerKey } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";

/** A real server of a virtual service. */
export interface Destination {
  /** Share of new connections, 0..65535; 0 is draining (ipvsadm(8), `-w`). */
  readonly weight: number;
  /** Connections that the kernel still holds: established and others, in all states. */
  readonly connections: number;
  /** False when somebody set another forwarding method than ours, masquerading. */
  readonly masqueraded: boolean;
}

/** A virtual service, without its destinations. */
export interface ServiceSettings {
  /** Name of the scheduler, which may be one that we never write. */
  readonly scheduler: string;
  /** Seconds for which a client address stays with its destination; absent without persistence. */
  readonly affinitySeconds?: number;
  /** Somebody set flags that change what the scheduler does, or took ours out; never written. */
  readonly altered?: true;
}

export interface IpvsService extends ServiceSettings {
  readonly destinations: ReadonlyMap<TargetKey, Destination>;
}

/** Virtual services of this network namespace. Those by firewall mark are invisible to us. */
export type IpvsState = ReadonlyMap<ServerKey, IpvsService>;

/** True when both have the same scheduler and persistence, and flags that are ours. */
export function sameSettings(a: ServiceSettings, b: ServiceSettings): boolean {
  return a.scheduler === b.scheduler && a.affinitySeconds === b.affinitySeconds && a.altered === b.altered;
}
