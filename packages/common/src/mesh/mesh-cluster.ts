import { z } from "./zod.ts";
import { overlaps } from "../net/overlap.ts";
import type { Mapping } from "../net/translate.ts";
import { durationField, labelField, mappingField, selectorField, subdomainField } from "./fields.ts";

/** Group and version of both kinds. */
export const API_VERSION = "sdn-tunnel.io/v1alpha1";

const count = (preset: number) => z.int().min(1).max(10_000_000).default(preset);

const secretRefField = z.strictObject({ name: z.string().min(1), namespace: z.string().min(1), key: z.string().min(1) });

const sourceField = z
  .strictObject({
    directory: z.string().min(1).optional(),
    kubeconfigFile: z.string().min(1).optional(),
    kubeconfigSecretRef: secretRefField.optional(),
  })
  .refine((source) => Object.values(source).filter((value) => value !== undefined).length === 1, {
    message: "must name exactly one of directory, kubeconfigFile, kubeconfigSecretRef",
  });

const specField = z
  .strictObject({
    domain: subdomainField.optional(),
    localDomain: subdomainField.default("cluster.local"),
    podCIDRs: z.array(mappingField).min(1).max(64),
    serviceCIDRs: z.array(mappingField).max(64).default([]),
    topology: z.enum(["mesh", "gateway"]).default("mesh"),
    source: sourceField.optional(),
    presharedKeyFile: z.string().min(1).optional(),
    presharedKeySecretRef: secretRefField.optional(),
    deadAfter: durationField.default(5000),
    import: z
      .strictObject({ namespaceSelector: selectorField.optional(), serviceSelector: selectorField.optional() })
      .default({}),
    limits: z
      .strictObject({ nodes: count(1000), services: count(20_000), endpoints: count(200_000) })
      .default({ nodes: 1000, services: 20_000, endpoints: 200_000 }),
    paused: z.boolean().default(false),
  })
  .superRefine((spec, context) => {
    for (const side of ["cidr", "as"] as const)
      for (const { path, message } of ownOverlaps(spec, side)) context.addIssue({ code: "custom", path: [...path], message });
    if (spec.presharedKeyFile !== undefined && spec.presharedKeySecretRef !== undefined)
      context.addIssue({ code: "custom", path: ["presharedKeyFile"], message: "must be left out beside presharedKeySecretRef" });
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
    spec: specField,
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

interface Claims {
  readonly podCIDRs: readonly Mapping[];
  readonly serviceCIDRs: readonly Mapping[];
}

/** Prefixes of one cluster that overlap each other: an address in both could be translated in two ways. */
function ownOverlaps(claims: Claims, side: "cidr" | "as") {
  const all = (["podCIDRs", "serviceCIDRs"] as const).flatMap((field) =>
    claims[field].map((mapping, i) => ({ path: [field, i, side] as const, prefix: mapping[side], moved: mapping.as !== mapping.cidr })),
  );
  return all.flatMap((later, i) =>
    all.slice(0, i).flatMap((earlier) => {
      if (!overlaps(earlier.prefix, later.prefix)) return [];
      // Reported once where nothing is mapped: both sides are the same then.
      if (side === "as" && !earlier.moved && !later.moved) return [];
      return [{ path: later.path, message: `overlaps ${earlier.prefix} of the same cluster` }];
    }),
  );
}
