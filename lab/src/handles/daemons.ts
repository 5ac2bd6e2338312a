import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "../errors.ts";
import type { Daemon } from "../processes/daemon.ts";
import { nodeProgram } from "../processes/node-program.ts";
import type { Cluster } from "./cluster.ts";
import type { Machine } from "./machine.ts";
import type { LabNode } from "./node.ts";
import type { LabPod } from "./pod.ts";

/** The product's daemons. */
export type Product = "tunnel" | "proxy" | "discovery";

/** Where each answers /healthz, /readyz and /metrics, as its own machine reaches it. */
export const HTTP_OF: Readonly<Record<Product, string>> = {
  tunnel: "127.0.0.1:9565",
  proxy: "127.0.0.1:9566",
  discovery: "[::1]:9567",
};

/** Starts `sdn-tunneld` or `sdn-proxyd` of a node, from source. It is not ready yet: `waitReady()`. */
export function startOnNode(product: "tunnel" | "proxy", cluster: Cluster, node: LabNode, more: readonly string[] = []): Promise<Daemon> {
  const args = [...sourceFlags(cluster), "--node-name", node.name, "--state-dir", node.stateDir, ...more];
  const { argv, env } = nodeProgram(`packages/${product}/src/main.ts`, args);
  return node.startDaemon(product, argv, { env });
}

/** Starts `sdn-discoveryd` in a pod, from source. It listens on port 53 and asks the pod's own name server for the rest. */
export function startDiscovery(cluster: Cluster, pod: LabPod, more: readonly string[] = []): Promise<Daemon> {
  const { argv, env } = nodeProgram("packages/discovery/src/main.ts", [...sourceFlags(cluster), ...more]);
  return pod.startDaemon("discovery", argv, { env });
}

/**
 * Waits until a daemon answers /readyz with 200.
 *
 * @throws {LabError} NOT_READY with the end of its log, also when it ended
 */
export async function waitReady(machine: Machine, product: Product, timeoutMs = 20_000): Promise<void> {
  const started = performance.now();
  const daemon = machine.daemon(product);
  for (;;) {
    const reply = await machine.curl(`http://${HTTP_OF[product]}/readyz`, { timeoutMs: 1000 });
    if (reply.ok) return;
    const waitedMs = Math.round(performance.now() - started);
    if (!daemon?.running || waitedMs > timeoutMs) {
      const log = daemon?.log.trimEnd().split("\n").slice(-5).join("\n") ?? "";
      throw new LabError({ code: "NOT_READY", object: `${machine.name} ${product}`, waitedMs, log });
    }
    await sleep(100);
  }
}

const sourceFlags = (cluster: Cluster): string[] => ["--source", cluster.directory, "--cluster-name", cluster.name];
