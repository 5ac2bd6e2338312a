import { readFile } from "node:fs/promises";
import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { messageOf } from "@sdn-tunnel/common/errors";
import type { Links } from "@sdn-tunnel/common/kernel/links";
import type { IpvsVerdict } from "../choose.ts";
import { readChains } from "./input.ts";
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
  const legacy = await Promise.all(["ip", "ip6"].map((family) => linesOf(`/proc/net/${family}_tables_names`)));
  return { chains, devices, legacyTables: legacy.flat() };
}

/** The file is there as soon as the kernel's module is. */
async function linesOf(path: string): Promise<string[]> {
  try {
    return (await readFile(path, "utf8")).split("\n").filter(Boolean);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
