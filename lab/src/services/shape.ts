import type { Address } from "@sdn-tunnel/common/net/address";
import type { ClusterPlan, PodPlan } from "../topology/addresses.ts";
import { nthPair } from "../topology/dual.ts";
import { DNS_SERVICE_HOST } from "../topology/pods.ts";
import { TEST_NAMESPACE } from "../topology/shape.ts";

export type IpVersion = "v4" | "v6";

/** A Service of a lab cluster and the pods behind it. */
export interface LabService {
  readonly namespace: string;
  readonly name: string;
  /** Host number of its ClusterIPs inside the cluster's service prefixes, 1 to 9999. */
  readonly host: number;
  /** Families it has a ClusterIP in; the first is the primary one. */
  readonly families: readonly IpVersion[];
  readonly ports: readonly LabPort[];
  /** Names of the pods behind it, in this cluster. */
  readonly endpoints: readonly string[];
}

export interface LabPort {
  readonly name: string;
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
  readonly targetPort: number;
}

/** TCP and UDP port of the httpd, and of the Services in front of it. */
export const HTTPD_PORT = 8080;

const HTTPD_PORTS: readonly LabPort[] = [
  { name: "http", protocol: "TCP", port: HTTPD_PORT, targetPort: HTTPD_PORT },
  { name: "echo", protocol: "UDP", port: HTTPD_PORT, targetPort: HTTPD_PORT },
];

/** What every cluster has, as far as its pods allow: `httpd`, `httpd6` (IPv6 only), `httpd-host` and the DNS Service. */
export function usualServices(cluster: ClusterPlan): LabService[] {
  const named = (test: (pod: PodPlan) => boolean) => cluster.pods.filter(test).map(({ name }) => name);
  const servers = named((pod) => pod.program === "httpd" && !pod.hostNetwork);
  const hostServers = named((pod) => pod.program === "httpd" && pod.hostNetwork);
  const httpd = { namespace: TEST_NAMESPACE, ports: HTTPD_PORTS };
  return [
    { ...httpd, name: "httpd", host: 80, families: ["v4", "v6"], endpoints: servers },
    { ...httpd, name: "httpd6", host: 86, families: ["v6"], endpoints: servers },
    { ...httpd, name: "httpd-host", host: 90, families: ["v4", "v6"], endpoints: hostServers },
    {
      namespace: "sdn-tunnel",
      name: "sdn-discovery",
      host: DNS_SERVICE_HOST,
      families: ["v4", "v6"],
      ports: [
        { name: "dns", protocol: "UDP", port: 53, targetPort: 53 },
        { name: "dns-tcp", protocol: "TCP", port: 53, targetPort: 53 },
      ],
      endpoints: named(({ name }) => name === "dns"),
    },
  ];
}

/** The Service's address, as its own cluster knows it or, with `as: "remote"`, as all others do. */
export function clusterIP(cluster: ClusterPlan, service: LabService, version: IpVersion, as: "local" | "remote" = "local"): Address {
  return nthPair(as === "local" ? cluster.serviceCIDRs : cluster.mappedServiceCIDRs, service.host)[version];
}

/** The pods behind a Service; names that the cluster no longer has are left out. */
export function backends(cluster: ClusterPlan, service: LabService): PodPlan[] {
  return service.endpoints.flatMap((name) => cluster.pods.find((pod) => pod.name === name) ?? []);
}
