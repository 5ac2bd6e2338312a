import type { BackendState, Change } from "./backend.ts";
import type { VirtualServer } from "./server.ts";
import { settle } from "./settle.ts";

/**
 * Lists the changes that turn `observed` into `desired`.
 *
 * Adds come before deletes, and the guard of a prefix before the servers in it: a client is balanced or refused, and
 * never let through to the wire. In an event pass both states hold the keys of that pass only.
 *
 * @returns changes in apply order; empty when converged
 */
export function diffServers(observed: BackendState, desired: BackendState): Change[] {
  const sets: Change[] = [];
  const deletes: Change[] = [];
  for (const [key, wanted] of desired.servers) {
    const before = observed.servers.get(key);
    if (!sameServer(before, wanted)) sets.push({ kind: "set-server", key, before, after: settleServer(before, wanted) });
  }
  for (const [key, before] of observed.servers)
    if (!desired.servers.has(key)) deletes.push({ kind: "delete-server", key, before });
  return [
    ...[...desired.prefixes].filter((prefix) => !observed.prefixes.has(prefix)).map((prefix) => ({ kind: "add-prefix" as const, prefix })),
    ...sets,
    ...deletes,
    ...[...observed.prefixes].filter((prefix) => !desired.prefixes.has(prefix)).map((prefix) => ({ kind: "delete-prefix" as const, prefix })),
  ];
}

/** True when both balance alike: the order of targets says nothing. */
function sameServer(a: VirtualServer | undefined, b: VirtualServer): boolean {
  if (a === undefined || a.affinitySeconds !== b.affinitySeconds || a.scheduler !== b.scheduler || a.targets.length !== b.targets.length) return false;
  const targets = new Set(a.targets);
  return b.targets.every((target) => targets.has(target));
}

function settleServer(before: VirtualServer | undefined, wanted: VirtualServer): VirtualServer {
  return { ...wanted, targets: settle(before?.targets ?? [], wanted.targets) };
}
