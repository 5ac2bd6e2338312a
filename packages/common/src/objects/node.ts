import { z } from "../mesh/zod.ts";
import { addressField, prefixField } from "../mesh/fields.ts";
import { nameField } from "./fields.ts";

/** A Node cut down to its pod prefixes and its own addresses. */
export const nodeSchema = z
  .object({
    metadata: z.object({ name: nameField }),
    spec: z
      .object({ podCIDR: prefixField.optional(), podCIDRs: z.array(prefixField).max(64).optional() })
      .default({}),
    status: z
      .object({ addresses: z.array(z.object({ type: z.string(), address: z.string() })).max(64).default([]) })
      .default({ addresses: [] }),
  })
  .transform(({ metadata, spec, status }) => ({
    kind: "Node" as const,
    name: metadata.name,
    podCIDRs: spec.podCIDRs ?? (spec.podCIDR ? [spec.podCIDR] : []),
    internalIPs: status.addresses.flatMap(({ type, address }) => {
      const parsed = type === "InternalIP" ? addressField.safeParse(address) : undefined;
      return parsed?.success ? [parsed.data] : [];
    }),
  }));

/** A Node once stripped. */
export type Node = z.output<typeof nodeSchema>;
