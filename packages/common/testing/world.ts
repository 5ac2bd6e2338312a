import fc from "fast-check";
import type { MeshState } from "../src/admit/mesh-state.ts";
import type { MeshCluster } from "../src/mesh/mesh-cluster.ts";
import type { MeshObject, ObjectKey } from "../src/objects/mesh-object.ts";
import type { ObjectChange } from "../src/sources/source.ts";
import { aMeshCluster, aMeshNode, aNamespace, aService, aSlice, arrival, departure } from "./objects.ts";

/** What can happen to a mesh: its clusters are configured anew, or a cluster's objects change. */
export type Happening =
  | { readonly kind: "clusters"; readonly clusters: readonly MeshCluster[] }
  | { readonly kind: "objects"; readonly cluster: string; readonly changes: readonly ObjectChange[] }
  | { readonly kind: "synced"; readonly cluster: string };

const names = ["east", "west", "north"] as const;
const second: Readonly<Record<string, number>> = { east: 1, west: 2, north: 3 };

/** Small limits, so that they are passed all the time. */
const limits = fc.constantFrom({}, {}, {}, { nodes: 2 }, { services: 2 }, { endpoints: 3 }, { nodes: 1, services: 3, endpoints: 2 });

const imports = fc.constantFrom(
  {},
  { namespaceSelector: { matchLabels: { team: "a" } } },
  { serviceSelector: { matchExpressions: [{ key: "public", operator: "Exists" }] } },
);

/** A cluster `10.<n>.0.0/16`, wide or narrow, mapped or not; it collides with one of another name only with `conflicts`. */
const cluster = (name: string, conflicts: boolean): fc.Arbitrary<MeshCluster> =>
  fc
    .record({ limits, import: imports, paused: fc.boolean(), pods: fc.constantFrom("/16", "/17", "/16=as", ...(conflicts ? ["rival"] : [])), services: fc.constantFrom("", "=as") })
    .map(({ pods, services, ...spec }) => {
      const n = second[name] ?? 0;
      const own = pods === "/16=as" ? `10.${n}.0.0/16=10.${n}0.0.0/16` : `10.${n}.0.0${pods}`;
      const claimed = pods === "rival" ? `10.${n - 1}.0.0/16` : own;
      return aMeshCluster(name, { ...spec, pods: [claimed], services: [`172.16.0.0/24=172.16.${n}${services === "" ? "" : "0"}.0/24`] });
    });

const clusters = (conflicts: boolean) => fc.subarray([...names]).chain((some) => fc.tuple(...some.map((name) => cluster(name, conflicts))));

/** A node whose subnets are its own, some of them nested in those of others; or, with `conflicts`, anybody's. */
function node(n: number | undefined, conflicts: boolean): fc.Arbitrary<MeshObject> {
  return fc.constantFrom(1, 2, 3).chain((i) => {
    const own = [`10.${n}.${i}.0/24`, `10.${n}.0.${i * 16}/28`, `10.${n}.${i === 1 ? 0 : 128}.0/${16 + i}`, `192.0.2.${i}/32`];
    const shared = [`10.${n}.1.0/24`, `10.${n}.0.0/17`];
    return fc
      .record({
        subnets: fc.subarray(conflicts ? shared : own),
        addresses: fc.subarray([`10.${n}.${i}.1`, `10.${n}.0.${i * 16 + 1}`, `10.${n}.130.1`]),
        nodeIPs: fc.subarray(["192.0.2.1", `192.0.2.1${i}`]),
        mtu: fc.constantFrom(1380, 1420),
      })
      .map((spec) => aMeshNode(`node-${i}`, spec));
  });
}

const paths = ["a/one", "a/two", "b/one", "b/three"] as const;

const namespace = (name: string) => fc.constantFrom({}, { team: "a" }, { team: "a" }).map((labels) => aNamespace(name, labels));

const service = (path: string) =>
  fc
    .tuple(fc.constantFrom("172.16.0.7", "172.17.0.7", "None"), fc.constantFrom({}, { public: "yes" }, { public: "yes" }))
    .map(([clusterIP, labels]) => aService(path, { clusterIP }, labels));

/** A slice of the Service at `path`, or of its neighbour; two in three endpoints do not say their node. */
function slice(path: string, n: number | undefined): fc.Arbitrary<MeshObject> {
  const addresses = [`10.${n}.1.7`, `10.${n}.2.7`, `10.${n}.0.20`, `10.${n}.0.40`, `10.${n}.200.7`, "192.0.2.1", "192.0.2.12", "198.51.100.1"];
  const endpoint = fc
    .tuple(fc.constantFrom(...addresses), fc.constantFrom(undefined, undefined, undefined, "node-1", "node-2", "node-9"))
    .map(([address, nodeName]) => ({ addresses: [address], nodeName }));
  const owner = fc.constantFrom(path, path, path, `${path.split("/")[0]}/one`);
  return fc
    .tuple(fc.constantFrom("1", "2"), owner, fc.array(endpoint, { maxLength: 3 }))
    .map(([i, of, endpoints]) => aSlice(`${path}-${i}`, endpoints, { service: of }));
}

/** Any object of a cluster; nodes come often, since most depends on them. */
function object(name: string, conflicts: boolean): fc.Arbitrary<MeshObject> {
  const n = second[name];
  const path = fc.constantFrom(...paths);
  return fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom("a", "b").chain(namespace) },
    { weight: 2, arbitrary: path.chain(service) },
    { weight: 3, arbitrary: path.chain((p) => slice(p, n)) },
    { weight: 3, arbitrary: node(n, conflicts) },
  );
}

/** A cluster that is full of objects, so that each later change matters to some. */
function population(name: string, conflicts: boolean): fc.Arbitrary<Happening> {
  const all = [...["a", "b"].map(namespace), ...paths.map(service), ...paths.flatMap((p) => [slice(p, second[name]), slice(p, second[name])])];
  return fc
    .tuple(fc.tuple(...all), fc.array(node(second[name], conflicts), { maxLength: 4 }))
    .map(([objects, nodes]): Happening => ({ kind: "objects", cluster: name, changes: [...objects, ...nodes].map(arrival) }));
}

/** Sequences of happenings; equal subnets of two nodes and of two clusters, where the past decides, only with `conflicts`. */
export function happenings({ conflicts }: { readonly conflicts: boolean }): fc.Arbitrary<Happening[]> {
  const named = fc.constantFrom(...names);
  const change = (name: string) => fc.tuple(object(name, conflicts), fc.nat(3)).map(([o, dice]) => (dice === 0 ? departure(o) : arrival(o)));
  const nodes = (name: string) => fc.array(node(second[name], conflicts), { minLength: 1, maxLength: 2 }).map((all) => all.map(arrival));
  const some = (name: string) => fc.array(change(name), { minLength: 1, maxLength: 3 });
  const one = fc.oneof(
    { weight: 2, arbitrary: clusters(conflicts).map((all): Happening => ({ kind: "clusters", clusters: all })) },
    { weight: 12, arbitrary: named.chain((name) => fc.oneof(some(name), nodes(name)).map((changes): Happening => ({ kind: "objects", cluster: name, changes }))) },
    { weight: 1, arbitrary: named.map((name): Happening => ({ kind: "synced", cluster: name })) },
  );
  const start = fc.tuple(...names.map((name) => cluster(name, conflicts))).map((all): Happening => ({ kind: "clusters", clusters: all }));
  const populations = fc.tuple(...names.map((name) => population(name, conflicts)));
  return fc.tuple(start, populations, fc.array(one, { maxLength: 15 })).map(([first, full, rest]) => [first, ...full, ...rest]);
}

/** What the sources hold, whoever is admitted. */
export class Sources {
  clusters: readonly MeshCluster[] = [];
  readonly objects = new Map<string, Map<ObjectKey, MeshObject>>(names.map((name) => [name, new Map()]));
  readonly synced = new Set<string>();

  note(happening: Happening): void {
    if (happening.kind === "clusters") this.clusters = happening.clusters;
    if (happening.kind === "synced") this.synced.add(happening.cluster);
    if (happening.kind !== "objects") return;
    const objects = this.objects.get(happening.cluster) ?? new Map<ObjectKey, MeshObject>();
    for (const { key, object: now } of happening.changes)
      if (now) objects.set(key, now);
      else objects.delete(key);
  }

  /** Everything that a cluster's source delivers when it is opened. */
  changesOf(name: string): ObjectChange[] {
    return [...(this.objects.get(name) ?? [])].map(([key, now]) => ({ key, object: now }));
  }
}

/** Everything that a reader can see, by key; `kind key` → what it says. */
export function snapshot(state: MeshState): Map<string, unknown> {
  const seen = new Map<string, unknown>();
  for (const [name, view] of state.clusters) seen.set(`cluster ${name}`, view);
  for (const [key, view] of state.nodes) seen.set(`node ${key}`, view);
  for (const key of state.serviceKeys()) seen.set(`service ${key}`, state.service(key));
  for (const name of state.clusters.keys()) for (const ns of state.namespaces(name)) seen.set(`namespace ${name}/${ns}`, true);
  return seen;
}
