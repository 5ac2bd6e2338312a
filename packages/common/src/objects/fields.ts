import { z } from "../mesh/zod.ts";
import { subdomainField } from "../mesh/fields.ts";

/** Object name: an RFC 1123 subdomain is the widest that Kubernetes accepts for the kinds read here. */
export const nameField = subdomainField;

export const labelsField = z.record(z.string().max(317), z.string().max(1024)).default({});

/** Metadata of a namespaced object. */
export const metadataField = z.object({
  name: nameField,
  namespace: subdomainField.default("default"),
  labels: labelsField,
  annotations: z.record(z.string(), z.string()).default({}),
});

export const portField = z.int().min(1).max(65_535);

/** Transport protocol of a port; Kubernetes' default is TCP. */
export const protocolField = z.enum(["TCP", "UDP", "SCTP"]).default("TCP");
export type Protocol = z.output<typeof protocolField>;
