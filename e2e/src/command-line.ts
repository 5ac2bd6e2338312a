import { labCommand, sdnOption } from "@sdn-tunnel/lab/command";
import { engineNames } from "@sdn-tunnel/lab/engine/engine";
import type { EngineName } from "@sdn-tunnel/lab/engine/engine";
import type { Job } from "./suites/suite.ts";
import { suites } from "./suites/suites.ts";

/** Reads `[--engine E] [--sdn S] [suite…]`; a wrong word prints a message and exits 1. */
export function commandLine(args: readonly string[]): { engine: EngineName; jobs: Job[] } {
  const names = suites.map(({ name }) => name);
  const command = labCommand("npm run e2e --", "Runs end-to-end suites, and says what came of each case.", engineNames)
    .addOption(sdnOption())
    .argument("[suites...]", `which: ${names.join(", ")}; default: all that the engine can run`)
    .parse(args, { from: "user" });
  const { engine, sdn } = command.opts();
  const [wanted] = command.processedArgs;
  for (const name of wanted) {
    const suite = suites.find((candidate) => candidate.name === name);
    if (!suite) return command.error(`Cannot run the suite "${name}": there is none. Accepted: ${names.join(", ")}.`);
    if (!suite.engines.includes(engine)) command.error(`Cannot run the suite "${name}" with --engine ${engine}: it needs a kernel with all data planes. Add --engine vm.`);
  }
  const chosen = suites.filter((suite) => suite.engines.includes(engine) && (wanted.length === 0 || wanted.includes(suite.name)));
  return { engine, jobs: chosen.map((suite) => ({ suite, engine, sdn })) };
}
