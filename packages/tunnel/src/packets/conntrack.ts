import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { CommonError } from "@sdn-tunnel/common/errors";
import { rangeOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";

/**
 * Forgets connections between local and remote pods, so that none keeps a masquerade binding from before the
 * exemption was there.
 *
 * @returns false when conntrack(8) is not installed: then such connections keep their binding until they end
 */
export async function forgetConnections(commands: CommandRunner, local: readonly Prefix[], remote: readonly Prefix[]): Promise<boolean> {
  for (const from of local)
    for (const to of remote)
      if (rangeOf(from).family === rangeOf(to).family && !(await forget(commands, from, to))) return false;
  return true;
}

async function forget(commands: CommandRunner, from: Prefix, to: Prefix): Promise<boolean> {
  const family = rangeOf(from).family === 4 ? "ipv4" : "ipv6";
  for (const [source, target] of [[from, to], [to, from]] as const) {
    try {
      await commands.run(["conntrack", "-D", "-f", family, "-s", source, "-d", target]);
    } catch (error) {
      const fault = error instanceof CommonError ? error.fault : undefined;
      if (fault?.code === "COMMAND_MISSING") return false;
      // It exits 1 when there was nothing to forget.
      if (fault?.code !== "COMMAND_FAILED" || !fault.stderr.includes("0 flow entries")) throw error;
    }
  }
  return true;
}
