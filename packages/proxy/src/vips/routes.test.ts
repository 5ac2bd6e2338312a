import assert from "node:assert/strict";
import { FakeRoutingTable } from "@sdn-tunnel/common/kernel/fake";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import type { Restraint } from "../services/restrain.ts";
import { describe, it } from "vitest";
import type { RouteInput } from "./plan.ts";
import { anyIpPrefixes, diffRoutes, removeRoutes } from "./routes.ts";

const own = parseAddress("10.10.0.1");
const free: Restraint = { frozen: () => false, removable: () => true };
const inputOf = (...prefixes: string[]) => ({
  prefixes: prefixes.map(parsePrefix),
  own: new Map([[4 as const, own]]),
  host: { addresses: [], defaultDevices: new Map([[4 as const, "eth0"]]) },
  nodeIPs: [],
});
const tableOf = () => new FakeRoutingTable([["eth0", "up"], ["lo", "up"]], [own]);
const destinations = async (table: FakeRoutingTable) => [...(await table.list([254, 255])).routes.values()].map(({ destination }) => String(destination));

const syncRoutes = async (table: FakeRoutingTable, input: RouteInput, restraint: Restraint) => {
  const { adds, deletes } = await diffRoutes(table, input, restraint);
  assert.deepEqual((await table.apply([...adds, ...deletes])).failed, []);
};

describe("diffRoutes()", () => {
  it("adds, keeps and removes, and writes nothing when converged", async () => {
    const table = tableOf();
    await syncRoutes(table, inputOf("172.31.0.0/16", "172.29.0.0/16"), free);
    await syncRoutes(table, inputOf("172.31.0.0/16"), free);
    const written = table.log.length;
    await syncRoutes(table, inputOf("172.31.0.0/16"), free);
    assert.equal(table.log.length, written);
    assert.deepEqual(await destinations(table), ["172.31.0.0/16"]);
  });

  it("brings back a route that a link took along", async () => {
    const table = tableOf();
    await syncRoutes(table, inputOf("172.31.0.0/16"), free);
    table.setDevice("eth0", "down");
    table.setDevice("eth0", "up");
    await syncRoutes(table, inputOf("172.31.0.0/16"), free);
    assert.deepEqual(await destinations(table), ["172.31.0.0/16"]);
  });

  it("neither adds nor removes at frozen addresses, and keeps what may not be removed", async () => {
    const table = tableOf();
    const paused: Restraint = { frozen: () => true, removable: () => true };
    await syncRoutes(table, inputOf("172.31.0.0/16"), paused);
    assert.deepEqual(await destinations(table), []);
    await syncRoutes(table, inputOf("172.31.0.0/16"), free);
    await syncRoutes(table, inputOf(), paused);
    await syncRoutes(table, inputOf(), { frozen: () => false, removable: () => false });
    assert.deepEqual(await destinations(table), ["172.31.0.0/16"]);
  });

  it("replaces a route of the other backend, and cleans up", async () => {
    const table = tableOf();
    const route = { table: 255, type: "local", destination: parsePrefix("172.31.0.0/16"), device: "lo", source: own } as const;
    await table.apply([{ kind: "replace-route", route }]);
    await syncRoutes(table, inputOf("172.31.0.0/16"), free);
    assert.deepEqual([...(await table.list([254, 255])).routes.values()].map((r) => r.table), [254]);
    assert.deepEqual(await removeRoutes(table), []);
    assert.deepEqual(await destinations(table), []);
  });

  it("makes every address of a prefix the node's own where the load balancer asks for it", async () => {
    const table = tableOf();
    await syncRoutes(table, inputOf("172.31.0.0/16"), free);
    assert.deepEqual(await anyIpPrefixes(table), []);
    await syncRoutes(table, { ...inputOf("172.31.0.0/16", "fd00:31::/64"), vipRoutes: "local" }, free);
    assert.deepEqual(await anyIpPrefixes(table), ["172.31.0.0/16", "fd00:31::/64"]);
    assert.deepEqual([...(await table.list([254, 255])).routes.values()].map((r) => `${r.table} ${r.device} ${r.source}`), ["255 lo 10.10.0.1", "255 lo undefined"]);
  });
});
