import assert from "node:assert/strict";
import type { NodeKey, ServiceKey } from "@sdn-tunnel/common/admit/view";
import { describe, it } from "vitest";
import { Catalog } from "./catalog.ts";
import type { ServerKey, VirtualServer } from "./server.ts";
import type { TargetKey } from "./target.ts";

const web = "tcp/172.31.0.7:80" as ServerKey;
const dns = "udp/172.31.0.7:53" as ServerKey;
const [first, second] = ["west/a/web", "west/b/web"] as ServiceKey[] as [ServiceKey, ServiceKey];
const [node1, node2] = ["west/node-1", "west/node-2"] as NodeKey[] as [NodeKey, NodeKey];
const to = (target: string): VirtualServer => ({ targets: [target as TargetKey] });

describe("Catalog", () => {
  it("names the servers of before and of now", () => {
    const catalog = new Catalog();
    catalog.set(first, new Map([[web, to("a")]]), []);
    assert.deepEqual(catalog.set(first, new Map([[dns, to("a")]]), []), new Set([web, dns]));
    assert.deepEqual(catalog.set(first, new Map(), []), new Set([dns]));
    assert.deepEqual([...catalog.services(), ...catalog.servers()], []);
  });

  it("gives a socket that two Services claim to the first by key, whichever came first", () => {
    for (const order of [[first, second], [second, first]]) {
      const catalog = new Catalog();
      for (const service of order) catalog.set(service, new Map([[web, to(service)]]), []);
      assert.deepEqual(catalog.server(web)?.targets, [first]);
      catalog.set(first, new Map(), []);
      assert.deepEqual(catalog.server(web)?.targets, [second]);
    }
  });

  it("knows which Services a node's health concerns", () => {
    const catalog = new Catalog();
    catalog.set(first, new Map(), [node1, node2]);
    catalog.set(second, new Map(), [node2]);
    catalog.set(first, new Map(), [node1]);
    assert.deepEqual(catalog.servicesOn(node1), new Set([first]));
    assert.deepEqual(catalog.servicesOn(node2), new Set([second]));
  });
});
