import type { MeshObject } from "@sdn-tunnel/common/objects/mesh-object";
import { schemas } from "@sdn-tunnel/common/objects/mesh-object";

/** The zone that every server serves: 2,000 Services with one named port in 20 namespaces. */
export const [SERVICES, NAMESPACES] = [2000, 20];

const labels = (i: number): string => `svc${String(i).padStart(4, "0")}.ns${String(i % NAMESPACES).padStart(2, "0")}`;

/** `svc0007.ns07.svc.cluster.west`. */
export const serviceName = (i: number): string => `${labels(i)}.svc.cluster.west`;

/** 10.97.x.y, as it is reached here. */
export const serviceAddress = (i: number): string => `10.97.${i >> 8}.${i & 255}`;

/** The objects that make the zone. */
export function zoneObjects(): MeshObject[] {
  const namespaces = Array.from({ length: NAMESPACES }, (_, i) => schemas.Namespace.parse({ metadata: { name: `ns${String(i).padStart(2, "0")}` } }));
  const services = Array.from({ length: SERVICES }, (_, i) => {
    const [name, namespace] = labels(i).split(".");
    const spec = { clusterIP: `10.97.${i >> 8}.${i & 255}`, ports: [{ name: "http", port: 80 }] };
    return schemas.Service.parse({ metadata: { name, namespace }, spec });
  });
  return [...namespaces, ...services];
}
