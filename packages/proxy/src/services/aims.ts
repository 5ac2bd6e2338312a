import type { MeshView, ServiceKey } from "@sdn-tunnel/common/admit/view";
import { nodeKey } from "@sdn-tunnel/common/admit/view";
import type { Backend } from "./backend.ts";
import { Catalog } from "./catalog.ts";
import { planServers } from "./plan.ts";
import { isProxied } from "./select.ts";
import type { IsDown } from "./select.ts";
import type { ServerKey, VirtualServer } from "./server.ts";

export interface AimsNeeds {
  readonly view: MeshView;
  readonly isDown: IsDown;
  readonly backend: Pick<Backend, "schedulers">;
}

/** What the kernel is to balance, kept up to date Service by Service. */
export class Aims {
  readonly catalog = new Catalog();
  readonly #needs: AimsNeeds;
  readonly #localCluster: string;

  constructor(localCluster: string, needs: AimsNeeds) {
    this.#localCluster = localCluster;
    this.#needs = needs;
  }

  /**
   * Plans these Services again; those of clusters that are not in force have nothing.
   *
   * @returns the virtual servers concerned
   */
  replan(services: Iterable<ServiceKey>, inForce: ReadonlySet<string>): Set<ServerKey> {
    const concerned = new Set<ServerKey>();
    for (const key of services) for (const server of this.#replanOne(key, inForce)) concerned.add(server);
    return concerned;
  }

  /** Every Service that there is, or was when it was last planned. */
  services(): Set<ServiceKey> {
    return new Set([...this.#needs.view.serviceKeys(), ...this.catalog.services()]);
  }

  /** The servers that have targets, of these keys or of all. */
  servers(keys: Iterable<ServerKey> = this.catalog.servers()): Map<ServerKey, VirtualServer> {
    const servers = new Map<ServerKey, VirtualServer>();
    for (const key of keys) {
      const server = this.catalog.server(key);
      if (server && server.targets.length > 0) servers.set(key, server);
    }
    return servers;
  }

  #replanOne(key: ServiceKey, inForce: ReadonlySet<string>): Set<ServerKey> {
    const service = this.#needs.view.service(key);
    if (!service || !isProxied(service, this.#localCluster) || !inForce.has(service.cluster)) return this.catalog.set(key, new Map(), []);
    const nodes = service.endpoints.flatMap(({ node }) => (node === undefined ? [] : [nodeKey(service.cluster, node)]));
    return this.catalog.set(key, planServers(service, this.#needs.isDown, this.#needs.backend), nodes);
  }
}
