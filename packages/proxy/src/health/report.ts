import { nodeKey } from "@sdn-tunnel/common/admit/view";
import type { NodeKey } from "@sdn-tunnel/common/admit/view";
import { z } from "@sdn-tunnel/common/mesh/zod";

/** A report that is older, or from further in the future, says nothing. */
export const STALE_MS = 5000;

const reportSchema = z.object({
  writtenAt: z.number(),
  clusters: z.record(z.string(), z.record(z.string(), z.object({ up: z.boolean(), reason: z.string().optional() }))),
});

/** What sdn-tunneld says of the data path to each remote node: `health.json` in the run dir. */
export type HealthReport = z.output<typeof reportSchema>;

/** @throws {Error} with the reason, when `text` is no report */
export function parseReport(text: string): HealthReport {
  const { data, error } = reportSchema.safeParse(JSON.parse(text));
  if (data) return data;
  throw new TypeError(error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
}

/** Nodes that are known to be down at `now`, in milliseconds; a node that nothing fresh is known of is up. */
export function downNodes(report: HealthReport | undefined, now: number): Set<NodeKey> {
  if (!report || Math.abs(now - report.writtenAt) > STALE_MS) return new Set();
  return new Set(
    Object.entries(report.clusters).flatMap(([cluster, nodes]) =>
      Object.entries(nodes).flatMap(([node, { up }]) => (up ? [] : [nodeKey(cluster, node)])),
    ),
  );
}
