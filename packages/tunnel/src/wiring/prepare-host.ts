import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import type { Log } from "@sdn-tunnel/common/daemon/log";
import { messageOf } from "@sdn-tunnel/common/errors";
import type { KeptSysctls, Sysctls } from "@sdn-tunnel/common/kernel/sysctls";
import type { Address } from "@sdn-tunnel/common/net/address";
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
  /** Brings flows into the SDN's bridge, where there is one. */
  readonly bridge: (situation: Situation) => Promise<void>;
  readonly commands: CommandRunner;
  readonly log: Log;
}

/**
 * Brings the host into the state that tunnel traffic needs, before any is led through it: forwarding, then the
 * packet rules, then the bridge's flows. Returns what could not be done.
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

async function filter({ packets, commands, log }: HostNeeds, { mayRemove }: Situation, context: PacketContext): Promise<void> {
  const { written, first } = await packets.ensure(context, mayRemove);
  if (written) log.info({ table: "inet sdn_tunnel" }, "wrote packet rules");
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
