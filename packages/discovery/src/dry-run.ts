import type { MeshView } from "@sdn-tunnel/common/admit/view";
import type { Publisher, Wanted } from "./answers/publisher.ts";
import { ZONE_STATE, Zones } from "./answers/zones.ts";
import type { DiscoveryConfig } from "./config.ts";
import type { NamePlan } from "./names/rrset.ts";
import { showPlan } from "./names/show.ts";
import { DiscoveryPass } from "./pass.ts";

/** Takes the place of the table and keeps what it is given as lines. */
class Printer implements Pick<Publisher, keyof Publisher> {
  readonly lines: string[] = [];
  owners = () => [];
  takeChanged = () => [];
  remove = () => undefined;
  namesIn = () => 1;

  put(plan: NamePlan): void {
    this.lines.push(...showPlan(plan));
  }

  replace(_owner: string, wanted: readonly Wanted[]): Iterable<void> {
    for (const { plans } of wanted) for (const plan of plans) this.put(plan);
    return [];
  }
}

/** Every name that would be served, as lines of a zone file; a name stands once, in its last form. */
export async function rehearse(view: MeshView, { own, ttl }: Pick<DiscoveryConfig, "own" | "ttl">): Promise<string[]> {
  const printer = new Printer();
  const pass = new DiscoveryPass({
    view,
    zones: new Zones(ttl),
    publisher: printer,
    own,
    stateOf: () => ZONE_STATE.LIVE,
    now: () => 0,
    breathe: () => Promise.resolve(),
  });
  const failed = await pass.run({ full: true, keys: new Set() }, new AbortController().signal);
  const problems = [...failed].map(([key, reason]) => `; ${key}: ${reason}`);
  return [...new Set(printer.lines), ...problems].toSorted();
}
