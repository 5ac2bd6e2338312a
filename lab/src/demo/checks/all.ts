import type { Check } from "../check.ts";
import type { Pair, Stage } from "../stage.ts";
import { changeChecks } from "./changes.ts";
import { cutOffChecks } from "./cut-off.ts";
import { deathChecks } from "./death.ts";
import { hostChecks } from "./host.ts";
import { packetChecks } from "./packets.ts";
import { reachChecks } from "./reach.ts";

/** Every check, in the order in which a reader understands them; the last one takes a cluster down. */
export function allChecks(pairs: readonly Pair[]): Check<Stage>[] {
  return [reachChecks, packetChecks, hostChecks, changeChecks, cutOffChecks, deathChecks].flatMap((checks) => checks(pairs));
}
