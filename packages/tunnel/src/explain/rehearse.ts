import { join } from "node:path";
import type { Refusal } from "@sdn-tunnel/common/admit/refusal";
import type { Condition } from "@sdn-tunnel/common/daemon/status";
import type { Links } from "@sdn-tunnel/common/kernel/links";
import type { RoutingTable } from "@sdn-tunnel/common/kernel/route";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import { showChainOp } from "@sdn-tunnel/common/netfilter/chain";
import type { Sysctls } from "@sdn-tunnel/common/kernel/sysctls";
import type { AcceptKeeper } from "../accepts/keeper.ts";
import type { TunnelConfig } from "../config.ts";
import { TunnelError } from "../errors.ts";
import type { PacketKeeper } from "../packets/keeper.ts";
import type { PacketContext } from "../packets/plan.ts";
import { TunnelPass } from "../pass.ts";
import type { PassResult, TunnelPassNeeds } from "../pass.ts";
import type { WireguardDevice } from "../peers/device.ts";
import type { Driver } from "../peers/driver.ts";
import type { Situation } from "../situation.ts";
import { linuxSysctls } from "../wiring/linux.ts";
import type { FlowOp } from "../wiring/openshift/flow.ts";
import { showDryRun } from "./dry-run.ts";

export interface RehearsalNeeds extends Omit<TunnelPassNeeds, "prepareHost" | "settled" | "ensureDevice"> {
  readonly driver: Driver;
  readonly packets: PacketKeeper;
  readonly accepts: Pick<AcceptKeeper, "plan" | "conditions">;
  readonly sysctls: Sysctls;
  /** What would change in the SDN's bridge. */
  readonly flows: (situation: Situation) => Promise<FlowOp[]>;
}

export interface Rehearsal {
  readonly lines: readonly string[];
  /** What this node refuses for itself. */
  readonly refusals: readonly Refusal[];
  readonly conditions: readonly Condition[];
}

/** Does one full pass with doors that only read; returns the commands which the pass would have applied. */
export async function rehearse(config: TunnelConfig, needs: RehearsalNeeds): Promise<Rehearsal> {
  const touched = { device: false };
  let packets: string | undefined;
  let accepts: string[] = [];
  let sysctls = new Map<string, string>();
  let flows: FlowOp[] = [];
  let result: PassResult | undefined;
  const pass = new TunnelPass(config, {
    ...needs,
    device: readOnlyDevice(needs.device, touched),
    links: readOnlyLinks(needs.links, touched),
    routing: readOnlyRouting(needs.routing),
    ensureDevice: async () => undefined,
    prepareHost: async (situation, context) => {
      const { own, mayRemove } = situation;
      flows = await needs.flows(situation);
      const wanted = await wantedPackets(needs.packets, context, mayRemove);
      packets = wanted.packets;
      const { remote } = wanted;
      const { localPrefixes: local, ownAddresses } = context;
      accepts = (await needs.accepts.plan({ local, remote, own: ownAddresses, listenPort: config.listenPort })).map(showChainOp);
      sysctls = await differing(needs.sysctls, linuxSysctls(own.addresses, []));
      return [];
    },
    settled: async (settled) => void (result = settled),
  });
  await pass.run({ full: true, keys: new Set() });
  if (!result) return { lines: [], refusals: [], conditions: [] };
  const { situation, changes } = result;
  const link = await needs.links.find(needs.device.name);
  const lines = showDryRun({
    device: needs.device.name,
    keyFile: join(config.stateDir, "keys", "a.key"),
    listenPort: config.listenPort,
    mtu: situation.mtu,
    deviceReady: !touched.device,
    deviceInTheWay: link?.kind,
    kernelDriver: needs.driver.kind === "kernel",
    changes,
    packets,
    accepts,
    sysctls,
    flows,
  });
  const own = [...pass.planner.plans.values()].flatMap(({ refusals }) => refusals);
  return { lines, refusals: [...situation.cutOffs.values(), ...own], conditions: [...situation.own.conditions, ...needs.accepts.conditions] };
}

/** A device that is absent, or that we may not ask, is shown as an empty one. */
function readOnlyDevice(device: WireguardDevice, touched: { device: boolean }): WireguardDevice {
  return {
    name: device.name,
    observe: () =>
      device.observe().catch((error: unknown) => {
        if (!(error instanceof TunnelError)) throw error;
        return { publicKey: undefined, listenPort: 0, peers: new Map() };
      }),
    configure: async () => void (touched.device = true),
    apply: async (ops) => ({ done: [...ops], failed: [] }),
  };
}

function readOnlyLinks(links: Links, touched: { device: boolean }): Links {
  return {
    list: () => links.list(),
    find: async (name) => (await links.find(name)) ?? { index: 0, name, up: false, mtu: 0 },
    set: async () => void (touched.device = true),
  };
}

const readOnlyRouting = (routing: RoutingTable): RoutingTable => ({
  list: (tables) => routing.list(tables),
  apply: async (ops) => ({ done: [...ops], failed: [] }),
});

/** The table, unless it is there already; without permission to look, or without the tool, it is taken as absent. */
async function wantedPackets(keeper: PacketKeeper, context: PacketContext, mayRemove: Situation["mayRemove"]): Promise<WantedPackets> {
  try {
    const { table, current, remote } = await keeper.plan(context, mayRemove);
    return { packets: current ? undefined : table, remote };
  } catch {
    return { packets: keeper.render(context), remote: context.remotePrefixes };
  }
}

interface WantedPackets {
  readonly packets: string | undefined;
  /** Remote prefixes of the table that is then there. */
  readonly remote: readonly Prefix[];
}

async function differing(sysctls: Sysctls, wanted: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const rows = await Promise.all([...wanted].map(async ([name, value]) => ({ name, value, now: await sysctls.read(name) })));
  return new Map(rows.filter(({ value, now }) => now !== undefined && now !== value).map(({ name, value }) => [name, value]));
}
