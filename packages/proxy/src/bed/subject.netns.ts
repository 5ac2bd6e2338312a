import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EndpointView, MeshView, ServiceKey, ServiceView } from "@sdn-tunnel/common/admit/view";
import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { createMetrics } from "@sdn-tunnel/common/daemon/metrics";
import { NetlinkDoor } from "@sdn-tunnel/common/kernel/door";
import { GenericNetlink } from "@sdn-tunnel/common/kernel/generic";
import { KernelRoutingTable } from "@sdn-tunnel/common/kernel/rtnetlink";
import { openGenericSocket, openNetfilterSocket, Rtnetlink } from "@sdn-tunnel/common/kernel/socket";
import { KeptSysctls, procSysctls } from "@sdn-tunnel/common/kernel/sysctls";
import { systemClock } from "@sdn-tunnel/common/loop/clock";
import type { Clock } from "@sdn-tunnel/common/loop/clock";
import { meshClusterSchema } from "@sdn-tunnel/common/mesh/mesh-cluster";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { readComments } from "@sdn-tunnel/common/netfilter/comments";
import { NftChains } from "@sdn-tunnel/common/netfilter/nft-chains";
import { KernelConntrack } from "../conntrack/ctnetlink.ts";
import { createProxyMetrics } from "../metrics.ts";
import { NetfilterSocket } from "../netfilter/socket.ts";
import { NftArpRules } from "../ipvs/arp.ts";
import { IpvsBackend } from "../ipvs/backend.ts";
import { IpvsSettings } from "../ipvs/host-settings.ts";
import { ChainInputRules } from "../ipvs/input.ts";
import { NetlinkIpvsTable } from "../ipvs/netlink-table.ts";
import { NftGuardTable } from "../ipvs/nft-guard.ts";
import { showIpvsOp } from "../ipvs/table.ts";
import type { IpvsTable } from "../ipvs/table.ts";
import { NftablesBackend } from "../nftables/backend.ts";
import { KernelNftTable } from "../nftables/kernel.ts";
import { DRAINS, ServicePass } from "../pass.ts";
import { endpointOf, serviceOf } from "./fixtures.ts";
import { anyIpPrefixes } from "../vips/routes.ts";
import { KernelHostNetwork } from "../vips/rtnetlink.ts";

const stateDir = mkdtempSync(join(tmpdir(), "sdn-proxy-"));
process.once("exit", () => rmSync(stateDir, { recursive: true, force: true }));

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

/** The grace after a start, in which nothing of a cluster that is gone is removed, is over. */
function startedLongAgo(): Clock {
  let asked = 0;
  return { ...systemClock, now: () => (asked++ === 0 ? 0 : Date.now()) };
}

/** The whole of the proxy on the real kernel, fed by hand. */
export class Subject implements Disposable {
  readonly down = new Set<string>();
  /** Whether the cluster west is known. */
  west = true;
  /** Scripts that nft was given, and operations of IPVS. */
  readonly writes: string[] = [];
  readonly kind: "nftables" | "ipvs";
  readonly routing: KernelRoutingTable;
  readonly backends: { readonly nftables: NftablesBackend; readonly ipvs: IpvsBackend };
  readonly #services = new Map<ServiceKey, ServiceView>();
  readonly #rtnetlink = new Rtnetlink();
  readonly #netfilter = new NetfilterSocket();
  readonly #door = new NetlinkDoor(openNetfilterSocket);
  readonly #generic = new GenericNetlink(openGenericSocket);
  readonly #table = new NetlinkIpvsTable(this.#generic, openGenericSocket);
  readonly #pass: ServicePass;
  #skippedMs = 0;

  constructor(kind: "nftables" | "ipvs") {
    this.kind = kind;
    const commands = this.#spy(createCommandRunner());
    this.routing = new KernelRoutingTable(this.#rtnetlink);
    const settings = new IpvsSettings(new KeptSysctls(procSysctls, stateDir, "sysctls-proxy.json"), { input: new ChainInputRules(new NftChains(commands, (chain) => readComments(this.#door, chain))), arp: new NftArpRules(commands) });
    const ownPrefixes = () => anyIpPrefixes(this.routing);
    const now = () => Date.now() + this.#skippedMs;
    const ipvs = new IpvsBackend({ table: this.#spyTable(), guard: new NftGuardTable(commands), settings, ownPrefixes, now });
    this.backends = { nftables: new NftablesBackend(new KernelNftTable(commands)), ipvs };
    this.#pass = new ServicePass(
      { clusterName: "east", nodeName: "node-1", addresses: [], nodeIPs: [], skipLifeline: false },
      {
        view: this.#view(),
        isDown: (node) => this.down.has(node),
        backend: this.backends[kind],
        ...(kind === "nftables" ? { retired: ipvs } : {}),
        routing: this.routing,
        conntrack: new KernelConntrack(this.#netfilter),
        host: new KernelHostNetwork(this.#rtnetlink),
        nodeNeeds: async () => ({ prefixes: [], addresses: [] }),
        nodeSubnets: () => ["10.10.0.0/24", "fd00:10::/64"].map(parsePrefix),
        metrics: createProxyMetrics(createMetrics({ processMetrics: false })),
        clock: startedLongAgo(),
      },
    );
  }

  /** Lets time pass for connections that drain. */
  async skip(ms: number): Promise<void> {
    this.#skippedMs += ms;
    await this.#pass.run({ full: false, keys: new Set([DRAINS]) });
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
    this.#door[Symbol.dispose]();
    this.#table[Symbol.dispose]();
    this.#generic[Symbol.dispose]();
  }

  #spy(commands: CommandRunner): CommandRunner {
    return {
      run: (argv, options) => {
        if (options?.input !== undefined) this.writes.push(options.input);
        return commands.run(argv, options);
      },
    };
  }

  #spyTable(): IpvsTable {
    return {
      list: () => this.#table.list(),
      read: (service) => this.#table.read(service),
      apply: (ops) => {
        this.writes.push(...ops.map(showIpvsOp));
        return this.#table.apply(ops);
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
    const known = () => (this.west ? [east, west] : [east]);
    return {
      get clusters() {
        return new Map(known().map((view) => [view.name, view]));
      },
      nodes: new Map(),
      node: () => undefined,
      serviceKeys: () => (this.west ? this.#services.keys() : []),
      service: (key) => (this.west ? this.#services.get(key) : undefined),
      namespaces: () => new Set(),
    };
  }
}
