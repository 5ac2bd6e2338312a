import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aMeshCluster, aNamespace, aService, aSlice } from "../../common/testing/objects.ts";
import { decodeMessage, rcodeOf, showSection } from "../testing/decode.ts";
import { east, twoClusters, west, westObjects } from "../testing/mesh.ts";
import { Served } from "../testing/served.ts";
import { decodeName } from "./wire/name.ts";

/** Every answer that the objects of the test can make a difference to. */
function answers(served: Served): string[] {
  const names = [
    ...["a", "b", "c"].flatMap((service) => [`${service}.x`, `${service}.y`]).flatMap((path) => [`${path}.svc.cluster.west`, `_http._tcp.${path}.svc.cluster.west`, `h.${path}.svc.cluster.west`]),
    ...["x", "y"].map((namespace) => `${namespace}.svc.cluster.west`),
    ...[1, 2, 3].flatMap((i) => [`${i}.0.2.10.in-addr.arpa`, `${i}.0.97.10.in-addr.arpa`]),
  ];
  return names.flatMap((name) =>
    ["A", "SRV", "PTR"].map((type) => {
      const answer = served.ask(name, type, { transport: "tcp" });
      return `${name} ${type}: ${rcodeOf(answer)} ${showSection(decodeMessage(answer).answers).toSorted().join(", ")}`;
    }),
  );
}

const namespace = fc.constantFrom("x", "y");
const service = fc.tuple(namespace, fc.constantFrom("a", "b", "c")).map(([ns, name]) => `${ns}/${name}`);
const ports = [{ name: "http", port: 80 }];
const endpoint = fc.record({
  addresses: fc.integer({ min: 1, max: 3 }).map((i) => [`10.2.0.${i}`]),
  hostname: fc.constantFrom("h", null),
  conditions: fc.record({ ready: fc.boolean() }),
});
const object = fc.oneof(
  namespace.map((name) => aNamespace(name)),
  fc.tuple(service, fc.integer({ min: 1, max: 3 })).map(([path, i]) => aService(path, { clusterIPs: [`10.96.0.${i}`], ports })),
  service.map((path) => aService(path, { clusterIP: "None", ports })),
  fc.tuple(service, service).map(([path, target]) => aService(path, { type: "ExternalName", externalName: `${target.split("/").toReversed().join(".")}.svc.cluster.west` })),
  fc.tuple(service, fc.constantFrom("1", "2"), fc.array(endpoint, { maxLength: 3 })).map(([path, i, endpoints]) => aSlice(`${path}-${i}`, endpoints, { service: path, ports })),
);
const step = fc.record({ object, present: fc.boolean(), settle: fc.boolean() });

describe("DiscoveryPass", () => {
  it("event passes lead to the same answers as one full pass over the same objects, in any order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const stepwise = await new Served().clusters(east, west).synced("east", "west").settle();
        for (const { object: one, present, settle } of steps) {
          if (present) stepwise.put("west", one);
          else stepwise.take("west", one);
          if (settle) await stepwise.settle();
        }
        await stepwise.settle();
        const atOnce = new Served().clusters(east, west).synced("east", "west");
        for (const { object: one, present } of steps.filter((last, i) => !steps.slice(i + 1).some((later) => sameObject(later.object, last.object))).toReversed())
          if (present) atOnce.put("west", one);
        await atOnce.settle(true);
        expect(answers(stepwise)).toEqual(answers(atOnce));
        expect(stepwise.table.size).toBe(atOnce.table.size);
      }),
      { numRuns: 150 },
    );
  });

  it("leaves nothing behind when everything is taken away", async () => {
    const served = await new Served().clusters(east).synced("east").settle();
    const before = served.table.size;
    await served.clusters(east, west).put("west", ...westObjects).synced("west").settle();
    expect(served.table.size).toBeGreaterThan(before);
    await served.clusters(east).settle();
    expect(served.table.size).toBe(before);
    expect([...served.zones].map(({ cluster }) => cluster)).not.toContain("west");
    expect(rcodeOf(served.ask("httpd.test.svc.cluster.west", "A"))).toBe("REFUSED");
  });

  it("changes nothing in a full pass when nothing changed", async () => {
    const served = await twoClusters();
    const { top } = served.table.arena;
    served.publisher.takeChanged();
    await served.settle(true);
    expect(served.publisher.takeChanged()).toEqual([]);
    expect(served.table.arena.top).toBe(top);
  });

  it("moves all names when a cluster's domain changes", async () => {
    const served = await twoClusters();
    const moved = aMeshCluster("west", { domain: "far.example", pods: ["10.2.0.0/16", "fd00:2::/48"], services: ["10.96.0.0/16=10.97.0.0/16", "fd96::/112=fd97::/112"] });
    await served.clusters(east, moved).settle();
    expect(rcodeOf(served.ask("httpd.test.svc.cluster.west", "A"))).toBe("REFUSED");
    expect(showSection(decodeMessage(served.ask("httpd.test.svc.far.example", "A")).answers)).toEqual(["httpd.test.svc.far.example 5 A 10.97.0.7"]);
    expect(showSection(decodeMessage(served.ask("7.0.97.10.in-addr.arpa", "PTR")).answers)).toEqual(["7.0.97.10.in-addr.arpa 5 PTR httpd.test.svc.far.example"]);
  });

  it("does not publish what would be somebody else's name", async () => {
    const served = await twoClusters();
    const { size } = served.table;
    await served.put("west", aService("test/x.httpd", { clusterIPs: ["10.96.0.66"] })).settle();
    expect(served.table.size).toBe(size);
  });

  it("an event touches the names of its Service and no others", async () => {
    const served = await twoClusters();
    const writes = countWrites(served);
    await served.put("west", aSlice("test/httpd", [{ addresses: ["10.2.0.5"] }], { ports: [{ name: "http", port: 80 }] })).settle();
    expect(writes().every((name) => name.endsWith("httpd.test.svc.cluster.west") || name.endsWith(".in-addr.arpa"))).toBe(true);
    expect(writes()).not.toHaveLength(0);
  });
});

/** Names that are put into the table from now on. */
function countWrites({ table }: Served): () => string[] {
  const names: string[] = [];
  const put = table.put.bind(table);
  table.put = (block) => {
    names.push(decodeName(block.name));
    return put(block);
  };
  return () => names;
}

const sameObject = (a: { kind: string; name: string; namespace?: string }, b: { kind: string; name: string; namespace?: string }): boolean =>
  a.kind === b.kind && a.name === b.name && a.namespace === b.namespace;
