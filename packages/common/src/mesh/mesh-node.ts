import { z } from "./zod.ts";
import { addressField, prefixField, subdomainField } from "./fields.ts";
import { API_VERSION } from "./mesh-cluster.ts";

/** A WireGuard public key: 32 bytes in base64 (wg(8)); the last digit carries four bits only. */
const publicKeyField = z
  .string()
  .regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, "must be a WireGuard public key: 32 bytes in base64, 44 characters");

const devices = ["a", "b"] as const;

const tunnelField = z.object({
  device: z.enum(devices),
  publicKey: publicKeyField,
  endpoints: z
    .array(
      z.object({
        host: z.string().min(1).max(253),
        port: z.int().min(1).max(65_535),
        via: z.string().max(32).optional(),
      }),
    )
    .max(16),
});

/** Devices of a later version are passed over; one that is named twice is ambiguous. */
const tunnelsField = z
  .array(z.unknown())
  .max(8)
  .transform((tunnels) => tunnels.filter((tunnel) => !isOfLaterVersion(tunnel)))
  .pipe(z.array(tunnelField))
  .refine((tunnels) => new Set(tunnels.map(({ device }) => device)).size === tunnels.length, "must name each device once");

function isOfLaterVersion(tunnel: unknown): boolean {
  const device = (tunnel as { device?: unknown } | null)?.device;
  return typeof device === "string" && !devices.some((known) => known === device);
}

/**
 * What a node's tunnel agent publishes of itself. Lenient: unknown fields are ignored, since versions may differ
 * by one; every list is bounded, since a remote cluster is not trusted.
 */
export const meshNodeSchema = z
  .object({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal("MeshNode"),
    metadata: z.object({ name: subdomainField }),
    spec: z.object({
      subnets: z.array(prefixField).max(64),
      addresses: z.array(addressField).max(8),
      nodeIPs: z.array(addressField).max(32),
      tunnels: tunnelsField,
      gateway: subdomainField.optional(),
      mtu: z.int().min(1280).max(65_535).default(1420),
      features: z.array(z.string().max(64)).max(64).default([]),
    }),
  })
  .transform(({ metadata, spec }) => ({ kind: "MeshNode" as const, name: metadata.name, ...spec }));

/** A MeshNode once parsed: `addresses` are the node's own addresses inside its `subnets`, one per family. */
export type MeshNode = z.output<typeof meshNodeSchema>;

/** One WireGuard device of a node. */
export type MeshTunnel = MeshNode["tunnels"][number];
