import { z } from "../mesh/zod.ts";
import { addressField } from "../mesh/fields.ts";
import { metadataField, optional, orPreset, portField, protocolField } from "./fields.ts";

/** Label by which a slice names its Service (EndpointSlice API). */
const SERVICE_NAME = "kubernetes.io/service-name";

const conditionsField = z.object({
  ready: orPreset(z.boolean(), true),
  serving: orPreset(z.boolean(), true),
  terminating: orPreset(z.boolean(), false),
});

const endpointField = z
  .object({
    addresses: z.array(addressField).min(1).max(100),
    /** A condition that is unknown has its preset: ready and serving, not terminating (EndpointSlice API). */
    conditions: orPreset(conditionsField, { ready: true, serving: true, terminating: false }),
    hostname: optional(z.string().max(63)),
    nodeName: optional(z.string().max(253)),
    targetRef: optional(z.object({ kind: optional(z.string()), name: optional(z.string().max(253)) })),
  })
  .transform(({ addresses, conditions, hostname, nodeName, targetRef }) => ({
    addresses,
    ...conditions,
    hostname,
    nodeName,
    podName: targetRef?.kind === "Pod" ? targetRef.name : undefined,
  }));

const slicePortField = z.object({
  name: orPreset(z.string(), ""),
  protocol: protocolField,
  /** Absent means "all ports", which no Service has. */
  port: optional(portField),
});

/** An EndpointSlice cut down to what the daemons read. FQDN slices have no addresses to route and are refused. */
export const endpointSliceSchema = z
  .object({
    metadata: metadataField,
    addressType: z.enum(["IPv4", "IPv6"]),
    endpoints: orPreset(z.array(endpointField).max(1000), []),
    ports: orPreset(z.array(slicePortField).max(1000), []),
  })
  .transform(({ metadata, addressType, endpoints, ports }) => ({
    kind: "EndpointSlice" as const,
    namespace: metadata.namespace,
    name: metadata.name,
    /** Name of the Service in the same namespace; absent on a slice that belongs to none. */
    service: metadata.labels[SERVICE_NAME],
    family: addressType === "IPv4" ? (4 as const) : (6 as const),
    endpoints,
    ports: ports.flatMap(({ port, ...rest }) => (port === undefined ? [] : [{ ...rest, port }])),
  }));

/** An EndpointSlice once stripped. */
export type EndpointSlice = z.output<typeof endpointSliceSchema>;

/** One endpoint of a slice: its addresses are interchangeable (EndpointSlice API). */
export type SliceEndpoint = EndpointSlice["endpoints"][number];
