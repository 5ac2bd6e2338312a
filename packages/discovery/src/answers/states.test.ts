import { describe, expect, it } from "vitest";
import { aNamespace, aService } from "../../../common/testing/objects.ts";
import { decodeMessage, rcodeOf, showSection } from "../../testing/decode.ts";
import { east, twoClusters, west, westObjects } from "../../testing/mesh.ts";
import { Served } from "../../testing/served.ts";
import { ZONE_STATE } from "./zones.ts";

const httpd = "httpd.test.svc.cluster.west";
const edeOf = (answer: Buffer): number => (answer.readUInt16BE(answer.length - 8) === 6 ? answer.readUInt16BE(answer.length - 2) : -1);

describe("a cluster that has not synced", () => {
  const unsynced = () => new Served().clusters(east, west).put("west", ...westObjects).synced("east").settle();

  it("answers what is there already", async () => {
    expect(rcodeOf((await unsynced()).ask(httpd, "A"))).toBe("NOERROR");
  });
  it("never says that a name is missing, and says why", async () => {
    const answer = (await unsynced()).ask("nope.test.svc.cluster.west", "A", { size: 1232 });
    expect([rcodeOf(answer), edeOf(answer)]).toEqual(["SERVFAIL", 14]);
  });
  it("does not hold up the other clusters", async () => {
    expect(rcodeOf((await unsynced()).ask("nope.svc.cluster.local", "A"))).toBe("NXDOMAIN");
  });
  it("says NXDOMAIN once it has synced", async () => {
    const served = await (await unsynced()).synced("west").settle();
    expect(rcodeOf(served.ask("nope.test.svc.cluster.west", "A"))).toBe("NXDOMAIN");
  });
  it("is not known to miss an alias' target", async () => {
    const served = await unsynced();
    await served.put("east", aNamespace("prod"), aService("prod/far", { type: "ExternalName", externalName: "nope.test.svc.cluster.west" })).settle();
    expect(rcodeOf(served.ask("far.prod.svc.cluster.local", "A"))).toBe("SERVFAIL");
  });
});

describe("a dead cluster", () => {
  for (const [mode, state, rcode, ede] of [
    ["servfail", ZONE_STATE.DEAD_SERVFAIL, "SERVFAIL", 22],
    ["nxdomain", ZONE_STATE.DEAD_NXDOMAIN, "NXDOMAIN", -1],
    ["keep", ZONE_STATE.LIVE, "NOERROR", -1],
  ] as const)
    it(`answers ${rcode} for its names when it is to ${mode}`, async () => {
      const served = await twoClusters({ stateOf: ({ name }) => (name === "west" ? state : ZONE_STATE.LIVE) });
      const answer = served.ask(httpd, "A", { size: 1232 });
      expect([rcodeOf(answer), edeOf(answer)]).toEqual([rcode, ede]);
      expect(rcodeOf(served.ask("cluster.west", "SOA")), "the zone itself").toBe("NOERROR");
      expect(rcodeOf(served.ask("shop.prod.svc.cluster.local", "A")), "the other cluster").toBe("NOERROR");
    });

  it("is back without a restart", async () => {
    let state: 0 | 2 = ZONE_STATE.DEAD_SERVFAIL;
    const served = await twoClusters({ stateOf: ({ name }) => (name === "west" ? state : ZONE_STATE.LIVE) });
    expect(rcodeOf(served.ask(httpd, "A"))).toBe("SERVFAIL");
    state = ZONE_STATE.LIVE;
    await served.mark("west").settle();
    expect(rcodeOf(served.ask(httpd, "A"))).toBe("NOERROR");
  });
});

describe("a name server that stands behind a Service", () => {
  it("is named by that Service in its own zones, and as ns.dns in others", async () => {
    const served = await twoClusters({ own: ["10.1.0.9"] });
    const ns = (zone: string) => showSection(decodeMessage(served.ask(zone, "NS")).answers);
    expect(ns("cluster.local")).toEqual(["cluster.local 5 NS shop.prod.svc.cluster.local"]);
    expect(ns("cluster.east")).toEqual(["cluster.east 5 NS shop.prod.svc.cluster.east"]);
    expect(ns("cluster.west")).toEqual(["cluster.west 5 NS ns.dns.cluster.west"]);
    expect(showSection(decodeMessage(served.ask("cluster.local", "NS")).additionals)).toEqual(["shop.prod.svc.cluster.local 5 A 10.96.0.7"]);
  });
});

describe("the serial of a zone", () => {
  const serial = (served: Served, zone: string) => [...served.zones].find(({ origin }) => origin === zone)?.serial;

  it("moves with a visible change of that zone, and with nothing else", async () => {
    const served = await twoClusters();
    const before = serial(served, "cluster.west");
    served.now += 60_000;
    await served.put("west", aService("test/httpd", { clusterIPs: ["10.96.0.77"], ports: [{ name: "http", port: 8080 }, { port: 9090 }] })).settle();
    expect(serial(served, "cluster.west")).toBe((before ?? 0) + 60);
    expect(serial(served, "cluster.local")).toBe(before);
    served.now += 60_000;
    await served.settle(true);
    expect(serial(served, "cluster.west"), "nothing changed").toBe((before ?? 0) + 60);
    expect(showSection(decodeMessage(served.ask("cluster.west", "SOA")).answers)).toHaveLength(1);
  });
});
