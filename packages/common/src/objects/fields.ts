import { subdomainField } from "../mesh/fields.ts";
import { z } from "../mesh/zod.ts";

/** Kubernetes' JSON says the same by `null` as by leaving a field out: then it has its preset. */
export function orPreset<T extends z.ZodType>(field: T, preset: z.output<T>) {
  return field.nullish().transform((value): z.output<T> => value ?? preset);
}

/** A field that may be absent; `null` counts as absent. */
export function optional<T extends z.ZodType>(field: T) {
  return field.nullish().transform((value): z.output<T> | undefined => value ?? undefined);
}

/** Object name: an RFC 1123 subdomain is the widest that Kubernetes accepts for the kinds read here. */
export const nameField = subdomainField;

export const labelsField = orPreset(z.record(z.string().max(317), z.string().max(1024)), {});

/** Metadata of a namespaced object. */
export const metadataField = z.object({
  name: nameField,
  namespace: orPreset(subdomainField, "default"),
  labels: labelsField,
  annotations: orPreset(z.record(z.string(), z.string()), {}),
});

export const portField = z.int().min(1).max(65_535);

const protocols = z.enum(["TCP", "UDP", "SCTP"]);

/** Transport protocol of a port; Kubernetes' default is TCP. */
export const protocolField = orPreset(protocols, "TCP");
export type Protocol = z.output<typeof protocols>;
