import { MeshState } from "@sdn-tunnel/common/admit/mesh-state";
import type { Touched } from "@sdn-tunnel/common/admit/view";
import { objectKey } from "@sdn-tunnel/common/objects/mesh-object";
import type { MeshObject } from "@sdn-tunnel/common/objects/mesh-object";
import type { ObjectChange } from "@sdn-tunnel/common/sources/source";
import { median } from "../report/median.ts";
import { clusters, nodeOf, objectsOf, SERVICE, sliceOf, SUBJECT } from "./mesh.ts";

/** Times that an event happens; each is another change than the one before. */
const REPEATS = 101;

/** One kind of event in a mesh of one size. */
export interface Row {
  readonly what: string;
  readonly nodes: number;
  readonly services: number;
  /** Median milliseconds until everything that was touched has been read again. */
  readonly ms: number;
  /** Milliseconds of the first admission: everything is taken, and read once. */
  readonly firstMs: number;
  readonly touched: { readonly nodes: number; readonly services: number };
}

const change = (object: MeshObject): ObjectChange => ({ key: objectKey(object), object });

/** What happens, the `i`th time. */
const events: Readonly<Record<string, (i: number, nodes: number) => ObjectChange>> = {
  "a node's MTU": (i) => change(nodeOf(SUBJECT, { mtu: 1400 + (i % 2) })),
  "a node's own address": (i) => change(nodeOf(SUBJECT, { addresses: [`10.64.${SUBJECT}.${1 + (i % 2)}`] })),
  "a node goes or comes": (i) => (i % 2 === 0 ? { key: objectKey(nodeOf(SUBJECT)) } : change(nodeOf(SUBJECT))),
  "an endpoint's readiness": (i, nodes) => change(sliceOf(SERVICE, nodes, i % 2 === 1)),
};

/** Measures each kind of event in a mesh of these many nodes and Services. */
export function measure(nodes: number, services: number): Row[] {
  const objects = objectsOf(nodes, services).map(change);
  const state = new MeshState("east");
  state.setClusters(clusters);
  const firstMs = timed(() => read(state, state.apply("west", objects)));
  return Object.entries(events).flatMap(([what, event]) => {
    if (services === 0 && what.startsWith("an endpoint")) return [];
    const ms: number[] = [];
    let touched = { nodes: 0, services: 0 };
    for (let i = 0; i < REPEATS; i++) {
      const happening = event(i, nodes);
      ms.push(
        timed(() => {
          const keys = state.apply("west", [happening]);
          read(state, keys);
          touched = { nodes: keys.nodes.size, services: keys.services.size };
        }),
      );
    }
    state.apply("west", [change(nodeOf(SUBJECT))]);
    return [{ what, nodes, services, ms: median(ms), firstMs, touched }];
  });
}

/** Looks at everything that was touched, as a daemon does that plans again. */
function read(state: MeshState, { nodes, services }: Touched): void {
  for (const key of nodes) state.node(key);
  for (const key of services) state.service(key);
}

function timed(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}
