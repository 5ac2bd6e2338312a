import { rm } from "node:fs/promises";
import { join } from "node:path";
import { diffRouting } from "@sdn-tunnel/common/kernel/diff";
import type { KernelLinks } from "@sdn-tunnel/common/kernel/links";
import type { RoutingTable } from "@sdn-tunnel/common/kernel/route";
import type { KeptSysctls } from "@sdn-tunnel/common/kernel/sysctls";
import type { AcceptKeeper } from "./accepts/keeper.ts";
import type { TunnelConfig } from "./config.ts";
import { TunnelError } from "./errors.ts";
import { healthFile } from "./health/health-file.ts";
import type { PacketRules } from "./packets/packet-rules.ts";
import type { WireguardDevice } from "./peers/device.ts";
import { withdrawOwnFile } from "./publish/own-file.ts";
import { TUNNEL_TABLE } from "./routes/plan.ts";
import type { Bridge } from "./wiring/openshift/bridge.ts";

export interface CleanupNeeds {
  /** The device as userspace WireGuard has it. */
  readonly device: WireguardDevice;
  readonly links: Pick<KernelLinks, "find" | "remove">;
  readonly routing: RoutingTable;
  readonly packets: PacketRules;
  readonly accepts: Pick<AcceptKeeper, "remove">;
  /** Its flows of ours go by their cookie. */
  readonly bridge: Bridge;
  readonly sysctls: KeptSysctls;
}

/**
 * Removes exactly what this daemon put on the node: its MeshNode first, so that the others stop sending, then rules
 * and routes, the device or its peers, flows, accept rules in chains of others, packet rules, sysctls, and its files in the run directory. Keys stay: they are the node's identity.
 *
 * @throws {TunnelError} INCOMPLETE when something could not be removed
 */
export async function cleanUp(config: TunnelConfig, { device, links, routing, packets, accepts, bridge, sysctls }: CleanupNeeds): Promise<void> {
  await withdrawOwnFile(config.source, config.nodeName);
  const observed = await routing.list([TUNNEL_TABLE]);
  const { failed } = await routing.apply(diffRouting(observed, { routes: new Map(), rules: new Map() }));
  if ((await links.find(device.name))?.kind === "wireguard") await links.remove(device.name);
  else await removePeers(device);
  await bridge.apply([...(await bridge.list()).keys()].map((match) => ({ kind: "delete-flow", match })));
  await accepts.remove();
  await packets.remove();
  await sysctls.restore();
  for (const file of [healthFile(config.runDir), join(config.runDir, "packets.json")]) await rm(file, { force: true });
  if (failed.length > 0) throw new TunnelError({ code: "INCOMPLETE", failed: failed.map(({ op, errno }) => `${op.kind}: ${errno}`) });
}

/** A userspace device belongs to whoever runs wireguard-go; one that is gone has no peers. */
async function removePeers(device: WireguardDevice): Promise<void> {
  try {
    const { peers } = await device.observe();
    await device.apply([...peers.values()].map(({ publicKey, allowedIPs }) => ({ kind: "remove-peer", publicKey, prefixes: [...allowedIPs] })));
  } catch (error) {
    if (!(error instanceof TunnelError && error.fault.code === "DEVICE_ABSENT")) throw error;
  }
}
