import { aMeshCluster, aNamespace, aService, aSlice } from "../../common/testing/objects.ts";
import { Served } from "./served.ts";
import type { ServedOptions } from "./served.ts";

export const east = aMeshCluster("east", { pods: ["10.1.0.0/16", "fd00:1::/48"], services: ["10.96.0.0/16", "fd96::/112"] });
export const west = aMeshCluster("west", {
  pods: ["10.2.0.0/16", "fd00:2::/48"],
  services: ["10.96.0.0/16=10.97.0.0/16", "fd96::/112=fd97::/112"],
});

const http = [{ name: "http", port: 80 }];

/** What west publishes: one object for every row of the contract. */
export const westObjects = [
  aNamespace("test"),
  aNamespace("bare"),
  aService("test/httpd", { clusterIPs: ["10.96.0.7"], ports: [{ name: "http", port: 8080 }, { port: 9090 }] }),
  aSlice("test/httpd", [{ addresses: ["10.2.0.5"] }, { addresses: ["10.2.0.6"], hostname: "web-1" }, { addresses: ["10.2.0.7"], conditions: { ready: false } }], { ports: http }),
  aService("test/dual", { clusterIPs: ["10.96.0.8", "fd96::8"], ports: [{ name: "http", port: 80 }] }),
  aService("test/six", { clusterIPs: ["fd96::6"], ports: [{ name: "http", port: 80 }] }),
  aService("test/db", { clusterIP: "None", ports: [{ name: "sql", port: 5432 }] }),
  aSlice("test/db-1", [{ addresses: ["10.2.1.1"], hostname: "db-0" }, { addresses: ["10.2.1.2"], hostname: "db-1" }], { service: "test/db", ports: [{ name: "sql", port: 5433 }] }),
  aSlice("test/db-2", [{ addresses: ["10.2.1.2"], hostname: "db-1" }], { service: "test/db", ports: [{ name: "sql", port: 5433 }] }),
  aSlice("test/db-6", [{ addresses: ["fd00:2::1"], hostname: "db-0" }, { addresses: ["fd00:2:0:0:6666::"] }], { service: "test/db", addressType: "IPv6", ports: [{ name: "sql", port: 5433 }] }),
  aService("test/portless", { clusterIP: "None" }),
  aSlice("test/portless", [{ addresses: ["10.2.2.1"] }]),
  aService("test/v6only", { clusterIP: "None", ports: http }),
  aSlice("test/v6only", [{ addresses: ["fd00:2::2"] }], { addressType: "IPv6", ports: http }),
  aService("test/idle", { clusterIP: "None", ports: http }),
  aSlice("test/idle", [{ addresses: ["10.2.2.9"], conditions: { ready: false } }], { ports: http }),
  aService("test/alias", { type: "ExternalName", externalName: "httpd.test.svc.cluster.local" }),
  aService("test/alias2", { type: "ExternalName", externalName: "alias.test.svc.cluster.west." }),
  aService("test/loop", { type: "ExternalName", externalName: "loop.test.svc.cluster.west" }),
  aService("test/ping", { type: "ExternalName", externalName: "pong.test.svc.cluster.west" }),
  aService("test/pong", { type: "ExternalName", externalName: "ping.test.svc.cluster.west" }),
  aService("test/dangling", { type: "ExternalName", externalName: "gone.test.svc.cluster.west" }),
  aService("test/outside", { type: "ExternalName", externalName: "www.example.com" }),
  aService("test/literal", { type: "ExternalName", externalName: "192.0.2.1" }),
];

/** East and west, both synced. */
export async function twoClusters(options: ServedOptions = {}): Promise<Served> {
  const served = new Served(options);
  served.clusters(east, west).put("west", ...westObjects).put("east", aNamespace("prod"));
  served.put("east", aService("prod/shop", { clusterIPs: ["10.96.0.7"], ports: [{ name: "web", port: 80 }] }), aSlice("prod/shop", [{ addresses: ["10.1.0.9"] }], { ports: [{ name: "web", port: 80 }] }));
  return served.synced("east", "west").settle(true);
}
