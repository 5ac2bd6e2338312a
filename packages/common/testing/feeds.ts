import type { MeshState } from "../src/admit/mesh-state.ts";
import type { Touched } from "../src/admit/view.ts";
import type { Happening, Sources } from "./world.ts";

/** Does to `state` what the feeds do, also that a cluster that comes in is given its objects; returns all that was touched. */
export function happen(state: MeshState, sources: Sources, happening: Happening): Touched[] {
  sources.note(happening);
  if (happening.kind === "objects") return [state.apply(happening.cluster, happening.changes)];
  if (happening.kind === "synced") return [state.setSynced(happening.cluster)];
  const before = new Set(state.clusters.keys());
  const touched = [state.setClusters(happening.clusters)];
  for (const name of state.clusters.keys()) {
    if (before.has(name)) continue;
    touched.push(state.apply(name, sources.changesOf(name)));
    if (sources.synced.has(name)) touched.push(state.setSynced(name));
  }
  return touched;
}

/** Every refusal in force, as lines in a fixed order. */
export const refusalsOf = (state: MeshState): string[] => [...state.refusals()].map((refusal) => JSON.stringify(refusal)).toSorted();
