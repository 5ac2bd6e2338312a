import { z } from "./zod.ts";
import { durationField, labelField, mappingField, selectorField, subdomainField } from "./fields.ts";

/** Group and version of both kinds. */
export const API_VERSION = "sdn-tunnel.io/v1alpha1";

const count = (preset: number) => z.int().min(1).max(10_000_000).default(preset);

const sourceField = z
  .strictObject({
    directory: z.string().min(1).optional(),
    kubeconfigFile: z.string().min(1).optional(),
    kubeconfigSecretRef: z.strictObject({ name: z.string(), namespace: z.string(), key: z.string() }).optional(),
  })
  .refine((source) => Object.values(source).filter((value) => value !== undefined).length === 1, {
    message: "must name exactly one of directory, kubeconfigFile, kubeconfigSecretRef",
  });

/**
 * What one cluster's admin says of a cluster of the mesh. Strict: an unknown field is a problem, since it may
 * be a misspelt pin.
 */
export const meshClusterSchema = z
  .strictObject({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal("MeshCluster"),
    metadata: z.looseObject({ name: labelField.refine((name) => name !== "local", "`local` is reserved") }),
    spec: z.strictObject({
      domain: subdomainField.optional(),
      localDomain: subdomainField.default("cluster.local"),
      podCIDRs: z.array(mappingField).min(1).max(64),
      serviceCIDRs: z.array(mappingField).max(64).default([]),
      topology: z.enum(["mesh", "gateway"]).default("mesh"),
      source: sourceField.optional(),
      presharedKeyFile: z.string().min(1).optional(),
      presharedKeySecretRef: z.strictObject({ name: z.string(), namespace: z.string(), key: z.string() }).optional(),
      deadAfter: durationField.default(5000),
      import: z
        .strictObject({ namespaceSelector: selectorField.optional(), serviceSelector: selectorField.optional() })
        .default({}),
      limits: z
        .strictObject({ nodes: count(1000), services: count(20_000), endpoints: count(200_000) })
        .default({ nodes: 1000, services: 20_000, endpoints: 200_000 }),
      paused: z.boolean().default(false),
    }),
    status: z.unknown().optional(),
  })
  .transform(({ metadata, spec }) => ({
    kind: "MeshCluster" as const,
    name: metadata.name,
    ...spec,
    domain: spec.domain ?? `cluster.${metadata.name}`,
  }));

/**
 * A MeshCluster once parsed. `podCIDRs` are its pins: the only pod addresses it may ever claim; `serviceCIDRs`
 * likewise for its Services. `deadAfter` is in milliseconds.
 */
export type MeshCluster = z.output<typeof meshClusterSchema>;
