import { readFileSync } from "node:fs";
import { release } from "node:os";
import { dirname, join } from "node:path";
import { engine } from "../engine/engine.ts";
import { findWireguardGo } from "../processes/node-program.ts";
import type { Pair, Stage } from "./stage.ts";

/** What carries the packets, and why: asked of the daemons, and of the file that the set-up left beside wireguard-go. */
export async function describeDataPlane({ mesh }: Stage, { node }: Pair): Promise<Record<string, string>> {
  const [tunnel, proxy] = await Promise.all([mesh.status(node, "tunneld"), mesh.status(node, "proxyd")]);
  const wireguardGo = node.daemon("wireguard-a") ? { wireguardGo: describeWireguardGo() } : {};
  const bounds = engine.slowdown === 1 ? {} : { timeBounds: `stretched ${engine.slowdown} times: the processor is emulated` };
  return { kernel: `Linux ${release()}`, ...tunnel.dataPlane, ...proxy.dataPlane, ...wireguardGo, ...bounds };
}

function describeWireguardGo(binary = findWireguardGo()): string {
  if (binary === undefined) return "unknown";
  try {
    const { source, version } = JSON.parse(readFileSync(join(dirname(binary), "wireguard-go.json"), "utf8")) as Record<string, string>;
    return source === "module" ? `built from its published module, ${version}` : `the distribution's package, ${version}`;
  } catch {
    return binary; // put there by hand, or named by SDN_WIREGUARD_GO
  }
}
