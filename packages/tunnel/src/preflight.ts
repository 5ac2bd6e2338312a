import { readFile } from "node:fs/promises";
import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { TunnelError } from "./errors.ts";

/** Bit of CAP_NET_ADMIN in a capability set (capabilities(7), linux/capability.h). */
const CAP_NET_ADMIN = 12n;

/**
 * Makes sure that this process may change the network and has the tools to.
 *
 * @throws {TunnelError} NO_PERMISSION
 * @throws {CommonError} COMMAND_MISSING
 */
export async function checkHost(commands: CommandRunner): Promise<void> {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(await readFile("/proc/self/status", "utf8"))?.[1] ?? "0";
  if (((BigInt(`0x${effective}`) >> CAP_NET_ADMIN) & 1n) === 0n) {
    const operation = "change routes, packet rules and WireGuard of this node";
    throw new TunnelError({ code: "NO_PERMISSION", operation, reason: "this process lacks CAP_NET_ADMIN" });
  }
  await commands.run(["nft", "--version"]);
}
