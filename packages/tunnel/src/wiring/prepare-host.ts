import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import type { Log } from "@sdn-tunnel/common/daemon/log";
import { messageOf } from "@sdn-tunnel/common/errors";
import type { KeptSysctls, Sysctls } from "@sdn-tunnel/common/kernel/sysctls";
import type { Address } from "@sdn-tunnel/common/net/address";
import type { AcceptKeeper } from "../accepts/keeper.ts";
import { forgetConnections } from "../packets/conntrack.ts";
import type { PacketKeeper } from "../packets/keeper.ts";
import type { PacketContext } from "../packets/plan.ts";
import type { Situation } from "../situation.ts";
import { linuxSysctls } from "./linux.ts";

export interface HostNeeds {
  readonly sysctls: Sysctls;
  readonly kept: KeptSysctls;
  /** Devices through which a router announced itself. */
  readonly advertised: () => Promise<string[]>;
  readonly packets: PacketKeeper;
  /** Told when somebody else had changed or removed our table, and it was put back. */
  readonly restored: () => void;
  readonly accepts: Pick<AcceptKeeper, "ensure">;
  /** UDP port of WireGuard. */
  readonly listenPort: number;
  /** Brings flows into the SDN's bridge, where there is one. */
  readonly bridge: (situation: Situation) => Promise<void>;
  readonly commands: CommandRunner;
  readonly log: Log;
}

/**
 * Brings the host into the state that tunnel traffic needs, before any is led through it: forwarding, then the
 * packet rules, the way through the chains of others, the bridge's flows. Returns what could not be done.
 */
export async function prepareHost(needs: HostNeeds, situation: Situation, context: PacketContext) {
  const failures: { node: undefined; message: string }[] = [];
  for (const step of [() => forward(needs, situation.own.addresses), () => filter(needs, situation, context), () => needs.bridge(situation)])
    await step().catch((error: unknown) => failures.push({ node: undefined, message: messageOf(error) }));
  return failures;
}

async function forward(needs: HostNeeds, addresses: readonly Address[]): Promise<void> {
  const { kept, log } = needs;
  const set = await kept.ensure(linuxSysctls(addresses, await endangered(needs)));
  if (set.length > 0) log.info({ set }, "set sysctls; --cleanup puts them back");
}

async function filter({ packets, restored, accepts, listenPort, commands, log }: HostNeeds, { mayRemove }: Situation, context: PacketContext): Promise<void> {
  const ensured = await packets.ensure(context, mayRemove);
  const { written, first, remote } = ensured;
  if (written) log.info({ table: "inet sdn_tunnel", restored: ensured.restored }, "wrote packet rules");
  if (ensured.restored) restored();
  // Behind the guard, which decides what may come out of the tunnel.
  await accepts.ensure({ local: context.localPrefixes, remote, own: context.ownAddresses, listenPort });
  if (!first || (await forgetConnections(commands, context.localPrefixes, context.remotePrefixes))) return;
  log.warn({}, "conntrack is not installed: connections from before the masquerade exemption keep their translated source");
}

/** Devices that would lose their router with forwarding on: accept_ra 1 means "not on a router" (ip-sysctl). */
async function endangered({ sysctls, advertised }: HostNeeds): Promise<string[]> {
  if ((await sysctls.read("net/ipv6/conf/all/forwarding")) !== "0") return [];
  const devices = await advertised();
  const accepting = await Promise.all(devices.map((device) => sysctls.read(`net/ipv6/conf/${device}/accept_ra`)));
  return devices.filter((_, i) => accepting[i] === "1");
}
