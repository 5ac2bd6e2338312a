import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import type { BackendState } from "@sdn-tunnel/proxy/services/backend";
import type { ServerKey, VirtualServer } from "@sdn-tunnel/proxy/services/server";
import type { TargetKey } from "@sdn-tunnel/proxy/services/target";

export const firstServer = "tcp/172.31.0.0:8080" as ServerKey;

/** `count` virtual servers with five targets each. */
export function stateOf(count: number): BackendState {
  const servers = new Map<ServerKey, VirtualServer>();
  for (let i = 0; i < count; i++) {
    const targets = Array.from({ length: 5 }, (_, j) => targetOf(i * 5 + j));
    servers.set(`tcp/172.31.${i >> 8}.${i & 255}:8080` as ServerKey, { targets });
  }
  return { prefixes: new Set([parsePrefix("172.31.0.0/16")]), servers };
}

/** The state with one target more at the first server. */
export function grown({ prefixes, servers }: BackendState): BackendState {
  const targets = servers.get(firstServer)?.targets ?? [];
  return { prefixes, servers: new Map(servers).set(firstServer, { targets: [...targets, targetOf(65_000)] }) };
}

const targetOf = (n: number): TargetKey => `10.132.${n >> 8}.${n & 255}:8080` as TargetKey;
