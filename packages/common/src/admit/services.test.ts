import { describe, expect, it } from "vitest";
import { aMeshCluster, aService, aSlice } from "../../testing/objects.ts";
import type { EndpointSlice } from "../objects/endpoint-slice.ts";
import type { Service } from "../objects/service.ts";
import { translate } from "../net/translate.ts";
import { asPublished } from "./reachable.ts";
import { admitService } from "./services.ts";

const west = aMeshCluster("west", { pods: ["10.132.0.0/14"], services: ["10.96.0.0/16=10.97.0.0/16", "fd00:96::/112"] });

interface Given {
  readonly service: Service;
  readonly slices?: readonly EndpointSlice[];
  readonly local?: boolean;
  readonly quota?: number;
}

/** Admits a Service of west; endpoints in the pins are on the node that their slice names. */
function admit({ service, slices = [], local = false, quota = Number.POSITIVE_INFINITY }: Given) {
  const { service: view, refusals } = admitService(service, slices, {
    cluster: west,
    local,
    endpointQuota: quota,
    reach: (address, node) => {
      const mapped = local ? address : translate(address, west.podCIDRs);
      return mapped && { address: mapped, node };
    },
  });
  return {
    vips: view.vips,
    endpoints: view.endpoints.map(({ address, node, ports }) => [address, node, ...ports.map(({ port }) => port)].join(" ").trim()),
    refused: refusals.map(({ object, reason, detail }) => `${object}: ${reason}: ${detail}`),
  };
}

const web = [{ name: "http", port: 8080 }];

const cases = [
  {
    name: "moves ClusterIPs to where we reach them",
    given: { service: aService("test/httpd", { clusterIPs: ["10.96.3.7", "fd00:96::7"] }) },
    want: { vips: ["10.97.3.7", "fd00:96::7"] },
  },
  {
    name: "refuses a ClusterIP outside the pins and keeps the other",
    given: { service: aService("test/httpd", { clusterIPs: ["192.0.2.1", "fd00:96::7"] }) },
    want: { vips: ["fd00:96::7"], refused: ["Service test/httpd: OutsidePins: ClusterIP 192.0.2.1 is in no serviceCIDR of west"] },
  },
  {
    name: "leaves local ClusterIPs and endpoints as they are",
    given: {
      local: true,
      service: aService("test/httpd", { clusterIP: "10.96.3.7" }),
      slices: [aSlice("test/httpd", [{ addresses: ["192.0.2.1"], nodeName: "node-1" }])],
    },
    want: { vips: ["10.96.3.7"], endpoints: ["192.0.2.1 node-1"] },
  },
  {
    name: "joins the slices of a Service, each endpoint with the ports of its own",
    given: {
      service: aService("test/httpd"),
      slices: [
        aSlice("test/httpd-1", [{ addresses: ["10.132.0.7", "10.132.0.8"], nodeName: "node-1" }], { ports: web }),
        aSlice("test/httpd-2", [{ addresses: ["10.132.1.7"] }], { ports: [{ name: "http", port: 9090 }] }),
      ],
    },
    want: { endpoints: ["10.132.0.7 node-1 8080", "10.132.0.8 node-1 8080", "10.132.1.7  9090"] },
  },
  {
    name: "refuses an endpoint that is not reached and keeps the others",
    given: { service: aService("test/httpd"), slices: [aSlice("test/httpd", [{ addresses: ["192.0.2.1"] }, { addresses: ["10.132.0.7"] }])] },
    want: {
      endpoints: ["10.132.0.7"],
      refused: ["Service test/httpd: OutsidePins: endpoint 192.0.2.1 is in no podCIDR of west and is no address of a mesh node"],
    },
  },
  {
    name: "takes endpoints up to the quota",
    given: { quota: 1, service: aService("test/httpd"), slices: [aSlice("test/httpd", [{ addresses: ["10.132.0.7"] }, { addresses: ["10.132.0.8"] }])] },
    want: { endpoints: ["10.132.0.7"], refused: ["Service test/httpd: OverLimit: 1 endpoints are past limits.endpoints"] },
  },
  {
    name: "has nothing to map in a headless Service",
    given: { service: aService("test/db", { clusterIP: "None" }), slices: [aSlice("test/db", [{ addresses: ["10.132.0.7"] }])] },
    want: { endpoints: ["10.132.0.7"] },
  },
];

describe("admitService()", () => {
  for (const { name, given, want } of cases) it(name, () => expect(admit(given)).toEqual({ vips: [], endpoints: [], refused: [], ...want }));

  it("passes on conditions, names, ports and affinity", () => {
    const service = aService("test/db", { clusterIP: "None", ports: [{ name: "sql", port: 5432 }], sessionAffinity: "ClientIP" });
    const endpoint = { addresses: ["10.132.0.7"], hostname: "db-0", targetRef: { kind: "Pod", name: "db-0" }, conditions: { ready: false, terminating: true } };
    const context = { cluster: west, local: true, endpointQuota: 1, reach: asPublished };
    expect(admitService(service, [aSlice("test/db", [endpoint])], context).service).toEqual({
      cluster: "west",
      namespace: "test",
      name: "db",
      annotations: {},
      headless: true,
      vips: [],
      externalName: undefined,
      ports: [{ name: "sql", protocol: "TCP", port: 5432 }],
      affinitySeconds: 10_800,
      foreignProxy: false,
      endpoints: [
        { address: "10.132.0.7", node: undefined, hostname: "db-0", podName: "db-0", ready: false, serving: true, terminating: true, ports: [] },
      ],
    });
  });
});
