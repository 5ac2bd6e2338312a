import type { EndpointView, MeshView, ServiceKey, ServiceView } from "@sdn-tunnel/common/admit/view";
import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { createMetrics } from "@sdn-tunnel/common/daemon/metrics";
import { KernelRoutingTable } from "@sdn-tunnel/common/kernel/rtnetlink";
import { Rtnetlink } from "@sdn-tunnel/common/kernel/socket";
import { systemClock } from "@sdn-tunnel/common/loop/clock";
import { meshClusterSchema } from "@sdn-tunnel/common/mesh/mesh-cluster";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { KernelConntrack } from "../conntrack/ctnetlink.ts";
import { createProxyMetrics } from "../metrics.ts";
import { NetfilterSocket } from "../netfilter/socket.ts";
import { NftablesBackend } from "../nftables/backend.ts";
import { KernelNftTable } from "../nftables/kernel.ts";
import { ServicePass } from "../pass.ts";
import { endpointOf, serviceOf } from "./fixtures.ts";
import { KernelHostNetwork } from "../vips/rtnetlink.ts";

const cluster = (name: string, pods: readonly string[], services: readonly { cidr: string; as?: string }[], local: boolean) => ({
  name,
  local,
  synced: true,
  config: meshClusterSchema.parse({
    apiVersion: "sdn-tunnel.io/v1alpha1",
    kind: "MeshCluster",
    metadata: { name },
    spec: { podCIDRs: pods.map((cidr) => ({ cidr })), serviceCIDRs: services },
  }),
});

/** Ports of the Services that the suite uses. */
export const http = { name: "http", protocol: "TCP", port: 8080 } as const;
export const dns = { name: "dns", protocol: "UDP", port: 8080 } as const;

/** `ns/name` at 172.31.0.`n` and fd00:31::`n`, with ready endpoints of both families. */
export function serviceAt(n: number, pods: readonly number[], changes: Parameters<typeof serviceOf>[0] = {}): ServiceView {
  const ports: EndpointView["ports"] = [http, dns];
  const endpoints = pods.flatMap((pod) => [
    endpointOf(`10.20.${pod}.2`, { ports, node: `node-${pod}` }),
    endpointOf(`fd00:20:0:${pod}::2`, { ports, node: `node-${pod}` }),
  ]);
  return serviceOf({ name: `s${n}`, vips: [`172.31.0.${n}`, `fd00:31::${n}`], ports: [http, dns], endpoints, ...changes });
}

/** The whole of the proxy on the real kernel, fed by hand. */
export class Subject implements Disposable {
  readonly down = new Set<string>();
  readonly #services = new Map<ServiceKey, ServiceView>();
  readonly #rtnetlink = new Rtnetlink();
  readonly #netfilter = new NetfilterSocket();
  readonly #pass: ServicePass;
  /** Scripts that nft was given. */
  readonly scripts: string[] = [];
  readonly backend: NftablesBackend;
  readonly routing: KernelRoutingTable;

  constructor() {
    const commands = this.#spy(createCommandRunner());
    this.backend = new NftablesBackend(new KernelNftTable(commands));
    this.routing = new KernelRoutingTable(this.#rtnetlink);
    this.#pass = new ServicePass(
      { clusterName: "east", nodeName: "node-1", addresses: [], nodeIPs: [], skipLifeline: false },
      {
        view: this.#view(),
        isDown: (node) => this.down.has(node),
        backend: this.backend,
        routing: this.routing,
        conntrack: new KernelConntrack(this.#netfilter),
        host: new KernelHostNetwork(this.#rtnetlink),
        nodeNeeds: async () => ({ prefixes: [], addresses: [] }),
        nodeSubnets: () => ["10.10.0.0/24", "fd00:10::/64"].map(parsePrefix),
        metrics: createProxyMetrics(createMetrics({ processMetrics: false })),
        clock: systemClock,
      },
    );
  }

  /** Publishes Services, or with `undefined` removes one, and passes over them. */
  async publish(changes: Readonly<Record<string, ServiceView | undefined>>): Promise<void> {
    for (const [name, service] of Object.entries(changes)) {
      const key = `west/ns/${name}` as ServiceKey;
      if (service) this.#services.set(key, service);
      else this.#services.delete(key);
    }
    await this.pass(Object.keys(changes));
  }

  /** An event pass over some Services, or without names a full one. */
  async pass(names?: readonly string[]): Promise<void> {
    const keys = new Set((names ?? []).map((name) => `west/ns/${name}` as ServiceKey));
    const failed = await this.#pass.run({ full: names === undefined, keys });
    if (failed.size > 0) throw new Error([...failed.values()].join("; "));
  }

  [Symbol.dispose](): void {
    this.#rtnetlink[Symbol.dispose]();
    this.#netfilter[Symbol.dispose]();
  }

  #spy(commands: CommandRunner): CommandRunner {
    return {
      run: (argv, options) => {
        if (options?.input !== undefined) this.scripts.push(options.input);
        return commands.run(argv, options);
      },
    };
  }

  #view(): MeshView {
    const east = cluster("east", ["10.10.0.0/16", "fd00:10::/48"], [{ cidr: "172.30.0.0/16" }, { cidr: "fd00:30::/112" }], true);
    const mapped = [
      { cidr: "172.30.0.0/16", as: "172.31.0.0/16" },
      { cidr: "fd00:30::/112", as: "fd00:31::/112" },
    ];
    const west = cluster("west", ["10.20.0.0/16", "fd00:20::/48"], mapped, false);
    return {
      clusters: new Map([east, west].map((view) => [view.name, view])),
      nodes: new Map(),
      node: () => undefined,
      serviceKeys: () => this.#services.keys(),
      service: (key) => this.#services.get(key),
      namespaces: () => new Set(),
    };
  }
}
