import type { MeshView, ServiceKey, Touched } from "@sdn-tunnel/common/admit/view";

/** What a pass works on: `cluster/west`, `namespace/west/ns`, `service/west/ns/name`. */
export type PassKey = `cluster/${string}` | `namespace/${string}` | `service/${ServiceKey}`;

/** The keys to plan again after a change of the view. Nodes are not in DNS. */
export function keysOf({ clusters, namespaces, services }: Omit<Touched, "nodes">): PassKey[] {
  return [
    ...[...clusters].map((name): PassKey => `cluster/${name}`),
    ...[...namespaces].map((name): PassKey => `namespace/${name}`),
    ...[...services].map((key): PassKey => `service/${key}`),
  ];
}

/** Every key of the view. */
export function allKeys(view: MeshView): PassKey[] {
  const clusters = [...view.clusters.keys()];
  const namespaces = clusters.flatMap((cluster) => [...view.namespaces(cluster)].map((name) => `${cluster}/${name}`));
  return keysOf({ clusters: new Set(clusters), namespaces: new Set(namespaces), services: new Set(view.serviceKeys()) });
}

/** Zones before what stands in them. */
export function inOrder(keys: Iterable<PassKey>): PassKey[] {
  return [...keys].toSorted((a, b) => rank(a) - rank(b));
}

const rank = (key: PassKey): number => (key.startsWith("cluster/") ? 0 : key.startsWith("namespace/") ? 1 : 2);
