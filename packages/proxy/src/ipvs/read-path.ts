import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { messageOf } from "@sdn-tunnel/common/errors";
import type { Links } from "@sdn-tunnel/common/kernel/links";
import { readLegacyTables } from "@sdn-tunnel/common/netfilter/legacy";
import { readChains } from "@sdn-tunnel/common/netfilter/listing";
import type { IpvsVerdict } from "../choose.ts";
import { obstacleToIpvs } from "./path.ts";
import type { PathFacts } from "./path.ts";
import type { Probe } from "./probe.ts";

/** Says what speaks against IPVS, given whether the kernel took a service. */
export async function judgeIpvs(probe: Probe, commands: CommandRunner, links: Pick<Links, "list">): Promise<IpvsVerdict> {
  if ("reason" in probe) return { kernel: probe.reason, proof: "" };
  const unknown = (error: unknown): string => `the chains of others cannot be read: ${messageOf(error)}`;
  const path = await readFacts(commands, links).then(obstacleToIpvs, unknown);
  return { proof: `the kernel takes virtual services by ${probe.door}`, ...(path === undefined ? {} : { path }) };
}

async function readFacts(commands: CommandRunner, links: Pick<Links, "list">): Promise<PathFacts> {
  const chains = readChains(await commands.run(["nft", "-j", "list", "chains"]));
  const devices = (await links.list()).map(({ name }) => name);
  return { chains, devices, legacyTables: await readLegacyTables() };
}
