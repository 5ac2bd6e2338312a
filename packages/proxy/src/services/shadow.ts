import type { BackendState, Change } from "./backend.ts";
import type { ServerKey, VirtualServer } from "./server.ts";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";

/** What the kernel has acknowledged: a copy that changes by what was really applied. */
export class Shadow implements BackendState {
  readonly prefixes: Set<Prefix>;
  readonly servers: Map<ServerKey, VirtualServer>;

  #targetCount = 0;

  constructor({ prefixes, servers }: BackendState) {
    this.prefixes = new Set(prefixes);
    this.servers = new Map(servers);
    for (const { targets } of servers.values()) this.#targetCount += targets.length;
  }

  /** Real servers, counted once per virtual server. */
  get targetCount(): number {
    return this.#targetCount;
  }

  acknowledge(done: readonly Change[]): void {
    for (const change of done)
      switch (change.kind) {
        case "add-prefix":
          this.prefixes.add(change.prefix);
          break;
        case "delete-prefix":
          this.prefixes.delete(change.prefix);
          break;
        case "set-server":
          this.servers.set(change.key, change.after);
          this.#targetCount += change.after.targets.length - (change.before?.targets.length ?? 0);
          break;
        case "delete-server":
          this.servers.delete(change.key);
          this.#targetCount -= change.before.targets.length;
          break;
      }
  }

  /** The part of the state that concerns these servers; prefixes are not part of an event. */
  only(keys: Iterable<ServerKey>): BackendState {
    const servers = new Map<ServerKey, VirtualServer>();
    for (const key of keys) {
      const server = this.servers.get(key);
      if (server) servers.set(key, server);
    }
    return { prefixes: new Set(), servers };
  }
}
