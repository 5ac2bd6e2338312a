import { labCommand, plainCommand, sdnOption, wholeNumber } from "../command.ts";
import type { Sdn } from "../topology/shape.ts";

/** Flags of `npm run lab -- up`. */
export interface UpFlags {
  readonly engine: "host";
  readonly daemons: boolean;
  readonly nodes: number;
  readonly sdn: Sdn;
}

/** What a person asks of the lab. */
export type ShellCommand = { readonly name: "up"; readonly flags: UpFlags } | { readonly name: "check" };

/** Parses a command line; a wrong one prints a message and exits 1. */
export function parseShellCommand(args: readonly string[]): ShellCommand {
  let parsed: ShellCommand | undefined;
  const up = labCommand("up", "build two clusters, say how to enter their pods, and stay until Ctrl-C", ["host"] as const)
    .option("--daemons", "start sdn-tunneld, sdn-proxyd and sdn-discoveryd too", false)
    .option("--nodes <count>", "nodes of each cluster", wholeNumber(2, 64), 2)
    .addOption(sdnOption())
    .action((flags) => void (parsed = { name: "up", flags }));
  const check = plainCommand("check", "say what keeps the lab from running on this machine").action(() => void (parsed = { name: "check" }));
  plainCommand("npm run lab --", "Clusters made of network namespaces on this machine.")
    .addCommand(up)
    .addCommand(check)
    .parse(args, { from: "user" });
  return parsed!; // otherwise commander has printed its help and left
}
