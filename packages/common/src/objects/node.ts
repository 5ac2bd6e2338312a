import { z } from "../mesh/zod.ts";
import { addressField, prefixField } from "../mesh/fields.ts";
import { nameField, optional, orPreset } from "./fields.ts";

/** Hostnames stand among the addresses too, hence any text. */
const nodeAddressField = z.object({ type: z.string(), address: z.string() });

/** A Node cut down to its pod prefixes and its own addresses. */
export const nodeSchema = z
  .object({
    metadata: z.object({ name: nameField }),
    spec: orPreset(z.object({ podCIDR: optional(prefixField), podCIDRs: orPreset(z.array(prefixField).max(64), []) }), { podCIDR: undefined, podCIDRs: [] }),
    status: orPreset(z.object({ addresses: orPreset(z.array(nodeAddressField).max(64), []) }), { addresses: [] }),
  })
  .transform(({ metadata, spec, status }) => ({
    kind: "Node" as const,
    name: metadata.name,
    podCIDRs: spec.podCIDRs.length > 0 || spec.podCIDR === undefined ? spec.podCIDRs : [spec.podCIDR],
    internalIPs: status.addresses.flatMap(({ type, address }) => {
      const parsed = type === "InternalIP" ? addressField.safeParse(address) : undefined;
      return parsed?.success ? [parsed.data] : [];
    }),
  }));

/** A Node once stripped. */
export type Node = z.output<typeof nodeSchema>;
