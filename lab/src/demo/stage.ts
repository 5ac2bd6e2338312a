import { engine } from "../engine/engine.ts";
import type { Cluster } from "../handles/cluster.ts";
import type { LabNode } from "../handles/node.ts";
import type { LabPod } from "../handles/pod.ts";
import type { Lab } from "../lab.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Stages } from "./run-checks.ts";
import type { IpVersion } from "../services/shape.ts";

/** What every check plays on. */
export interface Stage {
  readonly lab: Lab;
  readonly mesh: Mesh;
  readonly pairs: readonly Pair[];
  /** Milliseconds that a single request may take. */
  readonly patienceMs: number;
  /** How long to wait for a change, given its bound in milliseconds. */
  readonly limit: (boundMs: number) => number;
}

/** One direction: a client in one cluster, what it asks for in the other. */
export interface Pair {
  /** `east → west`. */
  readonly name: string;
  readonly from: Cluster;
  readonly to: Cluster;
  readonly client: LabPod;
  /** The node that the client is on. */
  readonly node: LabNode;
}

export const versions: readonly IpVersion[] = ["v4", "v6"];

/** More than TCP's second try (1 s), and less than it: without our rule not even the first may pass. */
const [PATIENT_MS, IMPATIENT_MS] = [3000, 400];

/** The part of a bound that a twin waits at most. It need not wait longer than its whole check took with our rule. */
const TWIN_PART = 0.8;

export function makeStages(lab: Lab, mesh: Mesh): Stages<Stage> {
  const pairs = lab.clusters.flatMap((from) => lab.clusters.filter((to) => to !== from).map((to) => pairOf(from, to)));
  const stretched = (ms: number): number => ms * engine.slowdown;
  const stage = { lab, mesh, pairs, patienceMs: stretched(PATIENT_MS), limit: stretched };
  return {
    stage,
    impatient: (tookMs) => ({ ...stage, patienceMs: stretched(IMPATIENT_MS), limit: (boundMs) => Math.min(stretched(boundMs) * TWIN_PART, tookMs) }),
  };
}

function pairOf(from: Cluster, to: Cluster): Pair {
  return { name: `${from.name} → ${to.name}`, from, to, client: from.pod("client"), node: from.node(1) };
}

/** URL of the httpd at a host, which may be an address of either family or a name. */
export const urlOf = (host: string): string => `http://${host.includes(":") ? `[${host}]` : host}:8080/`;
