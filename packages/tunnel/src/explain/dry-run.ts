import { showRoutingOp } from "@sdn-tunnel/common/kernel/route";
import type { Changes } from "../apply.ts";
import { TABLE } from "../packets/packet-rules.ts";
import { showPeerOp } from "../peers/show.ts";
import { showFlowOp } from "../wiring/openshift/flow.ts";
import type { FlowOp } from "../wiring/openshift/flow.ts";

export interface DryRun {
  readonly device: string;
  readonly keyFile: string;
  readonly listenPort: number;
  readonly mtu: number;
  /** The device has its key, port and MTU and is up already. */
  readonly deviceReady: boolean;
  /** Kind of the network device of that name; absent when there is none. */
  readonly deviceInTheWay: string | undefined;
  /** The device is the kernel's, and made by us. */
  readonly kernelDriver: boolean;
  readonly changes: Changes;
  /** The packet rules, when they would be written. */
  readonly packets: string | undefined;
  /** Changes of the chains of others, as nft takes them. */
  readonly accepts: readonly string[];
  readonly sysctls: ReadonlyMap<string, string>;
  /** Changes of the SDN's bridge. */
  readonly flows: readonly FlowOp[];
}

/** The commands that would be applied, in order, as a human would type them. */
export function showDryRun(run: DryRun): string[] {
  const { device, keyFile, listenPort, mtu, deviceReady, changes, packets, accepts, sysctls, flows } = run;
  const bringUp = [
    `wg set ${device} private-key ${keyFile} listen-port ${listenPort}`,
    `ip link set ${device} up mtu ${mtu}`,
  ];
  return [
    ...[...sysctls].map(([name, value]) => `sysctl -w ${name.replaceAll("/", ".")}=${value}`),
    ...(packets === undefined ? [] : ["nft -f - <<'END'", `add table ${TABLE}`, `delete table ${TABLE}`, ...packets.trimEnd().split("\n"), "END"]),
    ...(accepts.length === 0 ? [] : ["nft -f - <<'END'", ...accepts, "END"]),
    ...(flows.length === 0 ? [] : ["ovs-ofctl -O OpenFlow13 --bundle add-flows br0 - <<'END'", ...flows.map(showFlowOp), "END"]),
    ...(run.kernelDriver ? makeDevice(run) : []),
    ...(deviceReady ? [] : bringUp),
    ...changes.peers.map((op) => showPeerOp(device, op)),
    ...changes.routing.map(showRoutingOp),
  ];
}

function makeDevice({ device, deviceInTheWay }: DryRun): string[] {
  if (deviceInTheWay === "wireguard") return [];
  return [...(deviceInTheWay === "tun" ? [`ip link del ${device}`] : []), `ip link add ${device} type wireguard`];
}
