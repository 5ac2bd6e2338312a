import { run } from "../processes/run.ts";
import type { CablePlan, Layout, SetupPlan } from "../topology/layout.ts";
import { enter } from "./enter.ts";
import { hold } from "./hold.ts";
import type { Holder } from "./hold.ts";

/** The machines that are up, by name. */
export type Holders = ReadonlyMap<string, Holder>;

/**
 * Builds a part of the lab next to what is up already.
 *
 * @param present machines that the part may cable to and set up
 * @returns the part's own machines
 * @throws {LabError} COMMAND_FAILED
 */
export async function build(layout: Layout, present: Holders = new Map()): Promise<Holders> {
  const held = await Promise.all(layout.machines.map(hold));
  const own = new Map(held.map((holder) => [holder.name, holder]));
  const all = new Map([...present, ...own]);
  await run(["ip", "-batch", "-"], { input: cableLines(layout.cables, all).join("\n") });
  await Promise.all(layout.setups.map((setup) => run([...enter(all.get(setup.machine)!.pid), "sh", "-es"], { input: setupScript(setup) })));
  return own;
}

function cableLines(cables: readonly CablePlan[], holders: Holders): string[] {
  return cables.map(({ ends: [a, b] }) => {
    const [pidA, pidB] = [a, b].map(({ machine }) => holders.get(machine)!.pid);
    return `link add ${a.device} netns ${pidA} type veth peer name ${b.device} netns ${pidB}`;
  });
}

/** A shell script that sets a machine up, run inside it. */
export function setupScript({ ip, nft, commands = [] }: SetupPlan): string {
  const rules = nft === undefined ? [] : ["nft -f - <<'END'", nft, "END"];
  return ["ip -batch - <<'END'", ...ip, "END", ...rules, ...commands].join("\n") + "\n";
}
