import { createMetrics } from "@sdn-tunnel/common/daemon/metrics";
import { describe, expect, it } from "vitest";
import { east, twoClusters, west } from "../testing/mesh.ts";
import { Served } from "../testing/served.ts";
import { ZONE_STATE } from "./answers/zones.ts";
import { rehearse } from "./dry-run.ts";
import { refreshSourceMetrics } from "./gauges.ts";
import { createDiscoveryMetrics } from "./metrics.ts";
import { statusOf } from "./status.ts";

describe("statusOf()", () => {
  it("tells clusters, zones with their names and state, upstreams and refusals", async () => {
    const { state, zones, table } = await twoClusters({ stateOf: ({ local }) => (local ? ZONE_STATE.LIVE : ZONE_STATE.DEAD_SERVFAIL) });
    const upstreams = [{ upstream: "192.0.2.53:53", up: true, failures: 0, loops: false }];
    const conditions = [{ object: "MeshCluster west", type: "OutsidePins", message: "…" }];
    const status = statusOf({ view: state, zones, table, upstreams, conditions, isDead: (name) => name === "west" });
    expect(status).toMatchObject({ upstreams, conditions });
    expect(status.clusters).toEqual([
      { name: "east", local: true, synced: true, dead: false },
      { name: "west", local: false, synced: true, dead: true },
    ]);
    expect(status.zones.find(({ origin }) => origin === "cluster.west")).toMatchObject({ cluster: "west", state: "dead: names answer SERVFAIL" });
    expect(status.zones.reduce((sum, { names }) => sum + names, 0)).toBe(table.size);
  });
});

describe("rehearse()", () => {
  it("lists every name that the table would have, and changes nothing", async () => {
    const served = await twoClusters();
    const lines = await rehearse(served.state, { own: [], ttl: 5 });
    const names = new Set(lines.map((line) => /^(?:; )?(\S+)\./.exec(line)?.[1]));
    expect(lines).toContain("httpd.test.svc.cluster.west. IN A 10.97.0.7");
    expect(lines).toContain("; svc.cluster.west. has names below it");
    expect(names.size).toBe(served.table.size);
  });
});

describe("refreshSourceMetrics()", () => {
  it("sets what is known of each cluster, and forgets clusters that are gone", async () => {
    const register = createMetrics({ processMetrics: false });
    const metrics = createDiscoveryMetrics(register);
    const served = new Served().clusters(east, west).synced("east");
    const refusal = { cluster: "west", object: "Service a/b", reason: "OutsidePins" as const, detail: "" };
    const source = {
      state: served.state,
      health: () => new Map([["west", { staleSince: 4000, problems: [] }]]),
      refusals: () => [refusal, refusal],
    };
    refreshSourceMetrics(metrics, source, { now: 10_000, isDead: (cluster) => cluster === "west" });
    const text = await register.text();
    for (const line of [
      'sdn_discovery_cluster_synced{cluster="east"} 1',
      'sdn_discovery_cluster_synced{cluster="west"} 0',
      'sdn_discovery_cluster_dead{cluster="west"} 1',
      'sdn_discovery_source_stale_seconds{cluster="west"} 6',
      'sdn_discovery_refusals{cluster="west",reason="OutsidePins"} 2',
    ])
      expect(text).toContain(line);
    served.clusters(east);
    refreshSourceMetrics(metrics, { ...source, health: () => new Map(), refusals: () => [] }, { now: 0, isDead: () => false });
    expect(await register.text()).not.toContain('cluster="west"');
  });
});
