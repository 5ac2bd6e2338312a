import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { Change } from "../services/backend.ts";
import type { ServerKey } from "../services/server.ts";
import { planService } from "./plan.ts";
import type { IpvsService, IpvsState } from "./state.ts";

/** What changes mean for the two places where they are applied. */
export interface PlannedChanges {
  readonly guard: readonly Prefix[];
  readonly unguard: readonly Prefix[];
  /** Servers that are to take new connections, and do not yet. */
  readonly open: readonly ServerKey[];
  readonly close: readonly ServerKey[];
  /** Servers concerned, and what virtual services are wanted for them. */
  readonly keys: ReadonlySet<ServerKey>;
  readonly desired: IpvsState;
}

/** @param open servers that the guard lets through now */
export function planChanges(changes: readonly Change[], held: IpvsState, open: ReadonlySet<ServerKey>): PlannedChanges {
  const planned = { guard: [] as Prefix[], unguard: [] as Prefix[], open: [] as ServerKey[], close: [] as ServerKey[] };
  const desired = new Map<ServerKey, IpvsService>();
  const keys = new Set<ServerKey>();
  for (const change of changes) {
    if (change.kind === "add-prefix") planned.guard.push(change.prefix);
    if (change.kind === "delete-prefix") planned.unguard.push(change.prefix);
    if (!("key" in change)) continue;
    const { key } = change;
    keys.add(key);
    const wanted = change.kind === "set-server" ? change.after : undefined;
    const service = planService(key, held.get(key), wanted);
    if (service) desired.set(key, service);
    const balances = wanted !== undefined && wanted.targets.length > 0;
    if (balances !== open.has(key)) (balances ? planned.open : planned.close).push(key);
  }
  return { ...planned, keys, desired };
}
