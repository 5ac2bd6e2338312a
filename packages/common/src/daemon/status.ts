import type { Refusal } from "../admit/refusal.ts";
import { showProblems } from "../errors.ts";
import type { SourceHealth } from "../sources/source.ts";

/** A statement on the state of one object, as in Kubernetes (`metav1.Condition`, cut down). */
export interface Condition {
  /** `MeshCluster west`, `MeshNode node-1`. */
  readonly object: string;
  /** `WouldCutOff`, `SourceStale`, `NoAddress`, … */
  readonly type: string;
  readonly message: string;
}

/** One condition per distinct reason and object, with how often and an example. */
export function conditionsOf(refusals: Iterable<Refusal>, sources: ReadonlyMap<string, SourceHealth>): Condition[] {
  const groups = new Map<string, { object: string; type: string; detail: string; count: number }>();
  for (const { cluster, reason, object, detail } of refusals) {
    const key = `${cluster} ${reason}`;
    const group = groups.get(key) ?? { object: `MeshCluster ${cluster}`, type: reason, detail: `${object}: ${detail}`, count: 0 };
    group.count += 1;
    groups.set(key, group);
  }
  const refused = [...groups.values()].map(({ object, type, detail, count }) => ({
    object,
    type,
    message: count === 1 ? detail : `${detail}; and ${count - 1} more`,
  }));
  return [...refused, ...[...sources].flatMap(([cluster, health]) => sourceConditions(cluster, health))];
}

function sourceConditions(cluster: string, { staleSince, problems }: SourceHealth): Condition[] {
  const object = `MeshCluster ${cluster}`;
  const stale = staleSince === undefined ? [] : [`nothing heard since ${new Date(staleSince).toISOString()}; the last state is kept`];
  const invalid = problems.map(({ origin, document, problems: found }) => {
    const where = document > 0 ? `${origin}, document ${document}` : origin;
    return `${where}: ${showProblems(found)}`;
  });
  return [
    ...stale.map((message) => ({ object, type: "SourceStale", message })),
    ...invalid.map((message) => ({ object, type: "InvalidObject", message })),
  ];
}
