import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { NodeKey } from "@sdn-tunnel/common/admit/view";
import { writeFileAtomically } from "@sdn-tunnel/common/daemon/files";

/** What is told of one node. */
export interface NodeHealth {
  readonly up: boolean;
  /** Unix time in milliseconds of the last change. */
  readonly since: number;
  readonly rttMs?: number;
  /** Why it is down, when the data path is not the reason. */
  readonly reason?: string;
}

/** `health.json`: what the other daemons of this node read. Older than five seconds it counts as absent. */
export interface HealthReport {
  /** Unix time in milliseconds. */
  readonly writtenAt: number;
  readonly clusters: Readonly<Record<string, Readonly<Record<string, NodeHealth>>>>;
}

const STALE_AFTER_MS = 5000;

export const healthFile = (runDir: string): string => join(runDir, "health.json");

export function healthReport(nodes: ReadonlyMap<NodeKey, NodeHealth>, writtenAt: number): HealthReport {
  const clusters: Record<string, Record<string, NodeHealth>> = {};
  for (const [key, health] of nodes) {
    const [cluster = "", node = ""] = key.split("/");
    (clusters[cluster] ??= {})[node] = health;
  }
  return { writtenAt, clusters };
}

export async function writeHealth(runDir: string, report: HealthReport): Promise<void> {
  const file = healthFile(runDir);
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomically(file, `${JSON.stringify(report)}\n`);
}

/** What the agent before this one knew; nothing when there is no file, it is old, or it cannot be read. */
export async function readHealth(runDir: string, now: number): Promise<HealthReport | undefined> {
  try {
    const report = JSON.parse(await readFile(healthFile(runDir), "utf8")) as HealthReport;
    return now - report.writtenAt < STALE_AFTER_MS && now >= report.writtenAt ? report : undefined;
  } catch {
    return undefined; // it only spares the first probes their doubt
  }
}
