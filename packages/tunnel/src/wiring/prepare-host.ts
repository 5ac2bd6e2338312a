import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import type { Log } from "@sdn-tunnel/common/daemon/log";
import { messageOf } from "@sdn-tunnel/common/errors";
import type { KeptSysctls, Sysctls } from "@sdn-tunnel/common/kernel/sysctls";
import type { Address } from "@sdn-tunnel/common/net/address";
import type { AcceptKeeper } from "../accepts/keeper.ts";
import { forgetConnections } from "../packets/conntrack.ts";
import type { PacketKeeper, PacketsEnsured } from "../packets/keeper.ts";
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
  /** What a pass leaves to the next ones. */
  readonly memory: HostMemory;
}

export interface HostMemory {
  /** Connections may have bindings from before the exemption: until they were forgotten, whatever failed meanwhile. */
  staleBindings: boolean;
}

/**
 * Brings the host into the state that tunnel traffic needs, before any is led through it: forwarding, then the
 * packet rules, the way through the chains of others, the bridge's flows. Returns what could not be done.
 */
export async function prepareHost(needs: HostNeeds, situation: Situation, context: PacketContext) {
  const failures: { node: undefined; message: string }[] = [];
  let ensured: PacketsEnsured | undefined;
  const steps = [
    () => forward(needs, situation.own.addresses),
    async () => void (ensured = await filter(needs, situation, context)),
    // Behind the guard, which decides what may come out of the tunnel.
    async () => ensured && (await accept(needs, context, ensured)),
    async () => ensured && (await forget(needs, context)),
    () => needs.bridge(situation),
  ];
  for (const step of steps)
    await step().catch((error: unknown) => failures.push({ node: undefined, message: messageOf(error) }));
  return failures;
}

async function forward(needs: HostNeeds, addresses: readonly Address[]): Promise<void> {
  const { kept, log } = needs;
  const set = await kept.ensure(linuxSysctls(addresses, await endangered(needs)));
  if (set.length > 0) log.info({ set }, "set sysctls; --cleanup puts them back");
}

async function filter({ packets, restored, log, memory }: HostNeeds, { mayRemove }: Situation, context: PacketContext): Promise<PacketsEnsured> {
  memory.staleBindings ||= (await packets.plan(context, mayRemove)).first;
  const ensured = await packets.ensure(context, mayRemove);
  if (ensured.written) log.info({ table: "inet sdn_tunnel", restored: ensured.restored }, "wrote packet rules");
  if (ensured.restored) restored();
  return ensured;
}

async function accept({ accepts, listenPort }: HostNeeds, context: PacketContext, { remote }: PacketsEnsured): Promise<void> {
  await accepts.ensure({ local: context.localPrefixes, remote, own: context.ownAddresses, listenPort });
}

async function forget({ commands, log, memory }: HostNeeds, { localPrefixes, remotePrefixes }: PacketContext): Promise<void> {
  if (!memory.staleBindings) return;
  if (!(await forgetConnections(commands, localPrefixes, remotePrefixes)))
    log.warn({}, "conntrack is not installed: connections from before the masquerade exemption keep their translated source");
  memory.staleBindings = false;
}

/** Devices that would lose their router with forwarding on: accept_ra 1 means "not on a router" (ip-sysctl). */
async function endangered({ sysctls, advertised }: HostNeeds): Promise<string[]> {
  if ((await sysctls.read("net/ipv6/conf/all/forwarding")) !== "0") return [];
  const devices = await advertised();
  const accepting = await Promise.all(devices.map((device) => sysctls.read(`net/ipv6/conf/${device}/accept_ra`)));
  return devices.filter((_, i) => accepting[i] === "1");
}
