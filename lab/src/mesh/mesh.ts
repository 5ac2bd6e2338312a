import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ports } from "@sdn-tunnel/common/daemon/ports";
import { engine } from "../engine/engine.ts";
import { LabError } from "../errors.ts";
import type { Cluster } from "../handles/cluster.ts";
import type { Machine } from "../handles/machine.ts";
import type { LabNode } from "../handles/node.ts";
import type { Lab } from "../lab.ts";
import { discoveryCommand, hostCommand } from "./commands.ts";
import type { HostDaemon } from "./commands.ts";

const AWAIT_READY = fileURLToPath(new URL("await-ready.sh", import.meta.url));
/** Seconds between two looks at a daemon that is not ready, and between two looks at whether it still runs. */
const [PAUSE, SLICE] = engine.slowdown === 1 ? [0.05, 2] : [1, 10];

/** Milliseconds that a node may take to hear from the others, once it is ready. */
const HEARD_MS = 15_000 * engine.slowdown;

/** Ports on which the daemons serve health, metrics and status. */
const HTTP_PORTS = { tunneld: ports.tunnelHttp, proxyd: ports.proxyHttp, discoveryd: ports.discoveryHttp } as const;
export type DaemonName = keyof typeof HTTP_PORTS;

/** The product's daemons on a lab: one tunneld and one proxyd a node, one discoveryd a cluster, in its `dns` pod. */
export class Mesh {
  readonly lab: Lab;

  private constructor(lab: Lab) {
    this.lab = lab;
  }

  /**
   * Starts everything and waits until every daemon is ready, and every node has heard from all of the other clusters.
   *
   * @throws {LabError} NOT_READY with the end of the daemon's log
   */
  static async start(lab: Lab): Promise<Mesh> {
    const mesh = new Mesh(lab);
    const nodes = lab.clusters.flatMap((cluster) => cluster.nodes.map((node) => mesh.startNode(cluster, node)));
    await Promise.all([...nodes, ...lab.clusters.map((cluster) => mesh.startDiscovery(cluster))]);
    await Promise.all(lab.clusters.flatMap((cluster) => cluster.nodes.map((node) => mesh.#untilHeard(cluster, node))));
    return mesh;
  }

  /** Starts a node's WireGuard, tunneld and proxyd. */
  async startNode(cluster: Cluster, node: LabNode): Promise<void> {
    const wireguard = (await this.#kernelWireguard(node)) ? [] : [node.startWireguard()];
    await Promise.all([...wireguard, ...(["tunneld", "proxyd"] as const).map((name) => this.startHost(name, cluster, node))]);
  }

  /** Whether the kernel makes WireGuard devices; then no userspace one is started, and the daemons make their own. */
  async #kernelWireguard(node: LabNode): Promise<boolean> {
    const probe = ["link", "add", "wg-probe", "type", "wireguard"];
    if ((await node.tryExec(["ip", ...probe])).code !== 0) return false;
    await node.exec(["ip", "link", "del", "wg-probe"]);
    return true;
  }

  /** Starts one of a node's daemons, in place of the one that runs. */
  async startHost(name: HostDaemon, cluster: Cluster, node: LabNode, flags: readonly string[] = []): Promise<void> {
    await node.daemon(name)?.kill();
    const { argv, env } = hostCommand(name, cluster, node, flags);
    await node.startDaemon(name, argv, { env });
    await this.untilReady(node, name);
  }

  async startDiscovery(cluster: Cluster): Promise<void> {
    const pod = cluster.pod("dns");
    const { argv, env } = discoveryCommand(cluster, pod);
    await pod.startDaemon("discoveryd", argv, { env });
    await this.untilReady(pod, "discoveryd");
  }

  /**
   * Waits until a node's tunneld has had answers from every node of the other clusters. One that is ready may still count
   * as dead those that started later than itself.
   */
  async #untilHeard(cluster: Cluster, node: LabNode): Promise<void> {
    const started = performance.now();
    const file = join(node.runDir, "sdn-tunnel/health.json");
    const others = this.lab.clusters.filter((other) => other !== cluster).flatMap((other) => other.nodes.map(({ name }) => [other.name, name] as const));
    for (;;) {
      const { clusters } = (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { clusters: {} }) as HealthFile;
      const silent = others.filter(([of, name]) => clusters[of]?.[name]?.up !== true || clusters[of][name].rttMs === undefined);
      if (silent.length === 0) return;
      const waitedMs = Math.round(performance.now() - started);
      if (waitedMs > HEARD_MS) throw new LabError({ code: "NOT_READY", object: `tunneld of ${node.name}`, waitedMs, log: `it has not heard from ${silent.join(" ")}` });
      await sleep(100 * engine.slowdown);
    }
  }

  /** What a daemon says at `/status`. */
  async status(machine: Machine, name: DaemonName): Promise<DaemonStatus> {
    return JSON.parse(await machine.exec(["curl", "--silent", "--fail", "--max-time", String(2 * engine.slowdown), `http://127.0.0.1:${HTTP_PORTS[name]}/status`])) as DaemonStatus;
  }

  /** Waits until a daemon's `/readyz` says so. */
  async untilReady(machine: Machine, name: DaemonName, timeoutMs = 60_000 * engine.slowdown): Promise<void> {
    const started = performance.now();
    for (;;) {
      const { code, stdout } = await machine.tryExec(["bash", AWAIT_READY, String(HTTP_PORTS[name]), String(PAUSE), String(SLICE)]);
      if (code === 0) return;
      const waitedMs = Math.round(performance.now() - started);
      const daemon = machine.daemon(name);
      if (waitedMs > timeoutMs || !daemon?.running) {
        const log = `${stdout}${daemon?.log.trimEnd().split("\n").slice(-8).join("\n") ?? ""}`;
        throw new LabError({ code: "NOT_READY", object: `${name} of ${machine.name}`, waitedMs, log });
      }
    }
  }
}

/** The parts of health.json that are looked at: by cluster and node. */
interface HealthFile {
  readonly clusters: Readonly<Record<string, Readonly<Record<string, { readonly up: boolean; readonly rttMs?: number }>>>>;
}

/** The parts of `/status` that every daemon has. */
export interface DaemonStatus {
  readonly conditions: readonly { readonly object: string; readonly type: string; readonly message: string }[];
  readonly dataPlane?: Readonly<Record<string, string>>;
}
