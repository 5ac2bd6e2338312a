import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import fc from "fast-check";
import type { BackendState } from "../services/backend.ts";
import type { ServerKey, VirtualServer } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";

/** A state from text, for tests: targets separated by blanks. */
export function stateFrom(prefixes: readonly string[], servers: Readonly<Record<string, string>>, affinitySeconds?: number): BackendState {
  const affinity = affinitySeconds === undefined ? {} : { affinitySeconds };
  const entries = Object.entries(servers).map(
    ([key, targets]) => [key as ServerKey, { targets: targets.split(" ").filter(Boolean) as TargetKey[], ...affinity }] as const,
  );
  return { prefixes: new Set(prefixes.map(parsePrefix)), servers: new Map(entries) };
}

/** Any state of a few servers: every form, both families, up to 40 targets. */
export function arbitraryState(): fc.Arbitrary<BackendState> {
  const prefixes = fc.subarray(["172.31.0.0/16", "fd00:31::/64", "10.9.0.1/32"].map(parsePrefix));
  const key = fc.constantFrom("tcp/172.31.0.7:80", "udp/172.31.0.7:80", "sctp/172.31.0.8:81", "tcp/[fd00:31::7]:80", "tcp/10.9.0.1:80");
  const server = fc.record({
    numbers: fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 }),
    affinity: fc.option(fc.constantFrom(60, 10_800)),
  });
  return fc.record({ prefixes, servers: fc.uniqueArray(fc.tuple(key, server), { selector: ([name]) => name }) }).map(({ prefixes, servers }) => ({
    prefixes: new Set(prefixes),
    servers: new Map(servers.map(([name, { numbers, affinity }]) => [name as ServerKey, serverOf(name, numbers, affinity)])),
  }));
}

function serverOf(key: string, numbers: readonly number[], affinitySeconds: number | null): VirtualServer {
  const targets = numbers.map((n) => (key.includes("[") ? `[fd00:20::${n.toString(16)}]:80` : `10.20.0.${n}:80`) as TargetKey);
  return { targets, ...(affinitySeconds === null ? {} : { affinitySeconds }) };
}

/** The state in lines, whatever the order of prefixes, servers and targets. */
export function showState({ prefixes, servers }: BackendState): string {
  const lines = [...servers].map(([key, { targets, affinitySeconds }]) => `${key} -> ${targets.toSorted().join(" ")} ${affinitySeconds ?? ""}`);
  return [...prefixes, ...lines].toSorted().join("\n");
}
