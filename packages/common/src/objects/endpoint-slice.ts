import { z } from "../mesh/zod.ts";
import { addressField } from "../mesh/fields.ts";
import { metadataField } from "./fields.ts";

/** Label by which a slice names its Service (EndpointSlice API). */
const SERVICE_NAME = "kubernetes.io/service-name";

/** `null` and absent mean the default (EndpointSlice API): ready and serving true, terminating false. */
const condition = (preset: boolean) =>
  z
    .boolean()
    .nullish()
    .transform((value) => value ?? preset);

const endpointField = z
  .object({
    addresses: z.array(addressField).min(1).max(100),
    conditions: z
      .object({ ready: condition(true), serving: condition(true), terminating: condition(false) })
      .default({ ready: true, serving: true, terminating: false }),
    hostname: z.string().max(63).nullish(),
    nodeName: z.string().max(253).nullish(),
    targetRef: z.object({ kind: z.string().optional(), name: z.string().max(253).optional() }).nullish(),
  })
  .transform(({ addresses, conditions, hostname, nodeName, targetRef }) => ({
    addresses,
    ...conditions,
    hostname: hostname ?? undefined,
    nodeName: nodeName ?? undefined,
    podName: targetRef?.kind === "Pod" ? targetRef.name : undefined,
  }));

const slicePortField = z.object({
  name: z
    .string()
    .nullish()
    .transform((name) => name ?? ""),
  protocol: z
    .enum(["TCP", "UDP", "SCTP"])
    .nullish()
    .transform((protocol) => protocol ?? "TCP"),
  /** Absent means "all ports", which no Service has. */
  port: z.int().min(1).max(65_535).nullish(),
});

/** An EndpointSlice cut down to what the daemons read. FQDN slices have no addresses to route and are refused. */
export const endpointSliceSchema = z
  .object({
    metadata: metadataField,
    addressType: z.enum(["IPv4", "IPv6"]),
    endpoints: z.array(endpointField).max(1000).nullish(),
    ports: z.array(slicePortField).max(1000).nullish(),
  })
  .transform(({ metadata, addressType, endpoints, ports }) => ({
    kind: "EndpointSlice" as const,
    namespace: metadata.namespace,
    name: metadata.name,
    /** Name of the Service in the same namespace; absent on a slice that belongs to none. */
    service: metadata.labels[SERVICE_NAME],
    family: addressType === "IPv4" ? (4 as const) : (6 as const),
    endpoints: endpoints ?? [],
    ports: (ports ?? []).flatMap(({ port, ...rest }) => (port ? [{ ...rest, port }] : [])),
  }));

/** An EndpointSlice once stripped. */
export type EndpointSlice = z.output<typeof endpointSliceSchema>;

/** One endpoint of a slice: its addresses are interchangeable (EndpointSlice API). */
export type SliceEndpoint = EndpointSlice["endpoints"][number];
