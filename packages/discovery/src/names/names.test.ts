import { parseAddress } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { describe, expect, it } from "vitest";
import { aMeshCluster } from "../../../common/testing/objects.ts";
import { aliasTarget } from "./alias.ts";
import { endpointLabel, isLabel } from "./label.ts";
import { forwardZones, reverseName, reverseZones, reverseZonesOf } from "./zones.ts";

describe("endpointLabel()", () => {
  const rows: [string, string | undefined, string][] = [
    ["172.0.0.2", undefined, "172-0-0-2"],
    ["5678:abcd::1", undefined, "5678-abcd--1"],
    ["fd00:1:2:3:4:6666::", undefined, "fd00-1-2-3-4-6666--0"],
    ["10.0.0.1", "web-0", "web-0"],
    ["10.0.0.1", "Web-0", "web-0"],
    ["10.0.0.1", "a.b", "10-0-0-1"],
    ["10.0.0.1", "_tcp", "10-0-0-1"],
    ["10.0.0.1", "", "10-0-0-1"],
  ];
  for (const [address, hostname, want] of rows)
    it(`of ${address} called ${hostname} is ${want}`, () => expect(endpointLabel({ address: parseAddress(address), hostname })).toBe(want));
});

describe("isLabel()", () => {
  for (const [text, want] of [["a", true], ["a-1", true], ["a".repeat(63), true], ["a".repeat(64), false], ["a.b", false], ["-a", false], ["A", false], ["", false], ["_a", false]] as const)
    it(`${text.slice(0, 8)}: ${want}`, () => expect(isLabel(text)).toBe(want));
});

describe("aliasTarget()", () => {
  const west = { local: false, config: aMeshCluster("west", { localDomain: "cluster.local" }) };
  const east = { local: true, config: aMeshCluster("east") };
  const rows: [string, typeof west, string | undefined][] = [
    ["db.prod.svc.cluster.local", west, "db.prod.svc.cluster.west"],
    ["db.prod.svc.cluster.local.", west, "db.prod.svc.cluster.west"],
    ["DB.prod.svc.Cluster.Local", west, "db.prod.svc.cluster.west"],
    ["db.prod.svc.cluster.local", east, "db.prod.svc.cluster.local"],
    ["notcluster.local", west, "notcluster.local"],
    ["www.example.com", west, "www.example.com"],
    ["_acme.example.com", west, "_acme.example.com"],
    ["192.0.2.1", west, undefined],
    ["2001:db8::1", west, undefined],
    ["a..b", west, undefined],
    ["", west, undefined],
    ["a b", west, undefined],
    [`${"a".repeat(64)}.com`, west, undefined],
  ];
  for (const [name, cluster, want] of rows)
    it(`of ${name.slice(0, 30)} by ${cluster.local ? "the local cluster" : "west"}`, () => expect(aliasTarget(name, cluster)).toBe(want));
});

describe("zones", () => {
  it("of a remote cluster are its domain, of the local one its localDomain first", () => {
    const config = aMeshCluster("west", { domain: "west.example" });
    expect(forwardZones({ name: "west", local: false, synced: true, config })).toEqual(["west.example"]);
    expect(forwardZones({ name: "west", local: true, synced: true, config })).toEqual(["cluster.local", "west.example"]);
    const same = aMeshCluster("west", { domain: "cluster.local" });
    expect(forwardZones({ name: "west", local: true, synced: true, config: same })).toEqual(["cluster.local"]);
  });

  it("of addresses are those under which the cluster is reached here", () => {
    const config = aMeshCluster("west", { pods: ["10.2.0.0/16"], services: ["10.96.0.0/16=10.97.0.0/16"] });
    expect(reverseZones({ name: "west", local: false, synced: true, config })).toEqual(["2.10.in-addr.arpa", "97.10.in-addr.arpa"]);
  });

  const rows: [string, string[]][] = [
    ["10.0.0.0/8", ["10.in-addr.arpa"]],
    ["10.132.0.0/14", ["132.10.in-addr.arpa", "133.10.in-addr.arpa", "134.10.in-addr.arpa", "135.10.in-addr.arpa"]],
    ["192.0.2.0/24", ["2.0.192.in-addr.arpa"]],
    ["192.0.2.0/25", []],
    ["192.0.2.7/32", []],
    ["fd00:132::/48", ["0.0.0.0.2.3.1.0.0.0.d.f.ip6.arpa"]],
    ["fd00::/46", ["0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", "1.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", "2.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", "3.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa"]],
    ["fd00::1/128", []],
  ];
  for (const [prefix, want] of rows) it(`of ${prefix}`, () => expect(reverseZonesOf(parsePrefix(prefix))).toEqual(want));

  it("reverseName() counts octets and digits backwards", () => {
    expect(reverseName(parseAddress("192.0.2.1"))).toBe("1.2.0.192.in-addr.arpa");
    expect(reverseName(parseAddress("2001:db8::567:89ab"))).toBe("b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  });
});
