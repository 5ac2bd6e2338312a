import { z } from "../mesh/zod.ts";
import { addressField } from "../mesh/fields.ts";
import type { Address } from "../net/address.ts";
import { metadataField, optional, orPreset, portField, protocolField } from "./fields.ts";

const servicePortField = z.object({
  name: orPreset(z.string().max(63), ""),
  protocol: protocolField,
  port: portField,
});

/** Seconds; 3 hours unless said (Service API). */
const affinityField = orPreset(z.int().min(1).max(86_400), 10_800);

/** Annotations that a daemon reads; all others are dropped. */
const ANNOTATION_PREFIX = "sdn-tunnel.io/";

/** Labels by which a Service is left to others (well-known labels of Kubernetes). */
const FOREIGN_PROXY = ["service.kubernetes.io/service-proxy-name", "service.kubernetes.io/headless"];

/** A Service cut down to what the daemons read: a new field here costs memory at every object of every cluster. */
export const serviceSchema = z
  .object({
    metadata: metadataField,
    spec: z.object({
      type: z.enum(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]).catch("ClusterIP"),
      clusterIP: optional(z.string()),
      clusterIPs: orPreset(z.array(z.string()).max(2), []),
      externalName: optional(z.string().max(253)),
      ports: orPreset(z.array(servicePortField).max(1000), []),
      sessionAffinity: optional(z.string()),
      sessionAffinityConfig: optional(z.object({ clientIP: optional(z.object({ timeoutSeconds: affinityField })) })),
    }),
  })
  .transform(({ metadata, spec }, context) => {
    const ips = (spec.clusterIPs.length > 0 ? spec.clusterIPs : [spec.clusterIP ?? ""]).filter((ip) => ip !== "");
    const headless = spec.type !== "ExternalName" && ips[0] === "None";
    return {
      kind: "Service" as const,
      namespace: metadata.namespace,
      name: metadata.name,
      labels: metadata.labels,
      annotations: ownAnnotations(metadata.annotations),
      type: spec.type,
      headless,
      /** Empty for headless Services and for ExternalName. */
      clusterIPs: headless || spec.type === "ExternalName" ? [] : addresses(ips, context),
      externalName: spec.type === "ExternalName" ? spec.externalName : undefined,
      ports: spec.ports,
      /** Another proxy serves its addresses, or none is to: a service proxy passes it over. */
      foreignProxy: FOREIGN_PROXY.some((label) => Object.hasOwn(metadata.labels, label)),
      /** Seconds; set when `sessionAffinity` is ClientIP. */
      affinitySeconds:
        spec.sessionAffinity === "ClientIP" ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : undefined,
    };
  });

/** A Service once stripped. */
export type Service = z.output<typeof serviceSchema>;

/** One port of a Service. */
export type ServicePort = Service["ports"][number];

function ownAnnotations(annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => key.startsWith(ANNOTATION_PREFIX)));
}

function addresses(ips: readonly string[], context: z.core.$RefinementCtx): Address[] {
  return ips.flatMap((ip) => {
    const { data, error } = addressField.safeParse(ip);
    if (error) context.addIssue({ code: "custom", path: ["spec", "clusterIPs"], message: error.issues[0]?.message ?? "" });
    return data === undefined ? [] : [data];
  });
}

