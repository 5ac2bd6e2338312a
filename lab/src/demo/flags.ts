import { labCommand, sdnOption } from "../command.ts";
import { engineNames } from "../engine/engine.ts";
import type { EngineName } from "../engine/engine.ts";
import type { Sdn } from "../topology/shape.ts";

/** Flags of the demo; the same for the command itself and for its part inside the bed. */
export interface DemoFlags {
  readonly engine: EngineName;
  readonly json: boolean;
  readonly keep: boolean;
  readonly sdn: Sdn;
}

/** Parses them; a wrong one prints a message and exits 1. */
export function parseDemoFlags(args: readonly string[]): DemoFlags {
  return labCommand("npm run demo --", "Builds two clusters on this machine, joins them, and proves that it works.", engineNames)
    .addOption(sdnOption())
    .option("--json", "print one JSON document instead of the table", false)
    .option("--keep", "stay up after the checks and say how to enter a pod", false)
    .parse(args, { from: "user" })
    .opts();
}
