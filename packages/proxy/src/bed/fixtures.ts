import type { EndpointView, ServiceView } from "@sdn-tunnel/common/admit/view";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";

/** A Service `west/ns/svc` with port `http` 8080/TCP at 172.31.0.7 and no endpoints, for tests. */
export function serviceOf(changes: Partial<Omit<ServiceView, "vips">> & { vips?: readonly string[] } = {}): ServiceView {
  return {
    cluster: "west",
    namespace: "ns",
    name: "svc",
    annotations: {},
    headless: false,
    externalName: undefined,
    ports: [{ name: "http", protocol: "TCP", port: 8080 }],
    affinitySeconds: undefined,
    foreignProxy: false,
    endpoints: [],
    ...changes,
    vips: (changes.vips ?? ["172.31.0.7"]).map(parseAddress),
  };
}

/** A ready endpoint on `node-1` that serves `http` on 8080/TCP. */
export function endpointOf(address: string, changes: Partial<EndpointView> = {}): EndpointView {
  return {
    address: address as Address,
    node: "node-1",
    hostname: undefined,
    podName: undefined,
    ready: true,
    serving: true,
    terminating: false,
    ports: [{ name: "http", protocol: "TCP", port: 8080 }],
    ...changes,
  };
}
