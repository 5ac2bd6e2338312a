import assert from "node:assert/strict";
import type { NodeKey, ServiceKey, Touched } from "@sdn-tunnel/common/admit/view";
import type { KernelChange } from "@sdn-tunnel/common/kernel/watch";
import { describe, it } from "vitest";
import { Events } from "./events.ts";
import { Catalog } from "./services/catalog.ts";

const web = "west/ns/web" as ServiceKey;
const touch = (changes: Partial<Touched>): Touched => ({ clusters: new Set(), nodes: new Set(), services: new Set(), namespaces: new Set(), ...changes });

function record() {
  const marks: string[] = [];
  const catalog = new Catalog();
  catalog.set(web, new Map(), ["west/node-1" as NodeKey]);
  const loop = { mark: (keys: Iterable<string>) => void marks.push(...keys), markAll: () => void marks.push("ALL") };
  return { marks, events: new Events(loop, catalog) };
}

describe("Events", () => {
  const cases: { name: string; happen: (events: Events) => void; want: string[] }[] = [
    { name: "a Service marks itself", happen: (e) => e.published(touch({ services: new Set([web]) })), want: [web] },
    { name: "a cluster marks all", happen: (e) => e.published(touch({ clusters: new Set(["west"]), services: new Set([web]) })), want: ["ALL"] },
    { name: "a node marks itself", happen: (e) => e.published(touch({ nodes: new Set(["west/node-1" as NodeKey]) })), want: ["west/node-1"] },
    { name: "a namespace alone marks nothing", happen: (e) => e.published(touch({ namespaces: new Set(["west/ns"]) })), want: [] },
    { name: "this node's own Node object marks all", happen: (e) => e.localNodeChanged(), want: ["ALL"] },
    { name: "the health of a node marks the Services there", happen: (e) => e.healthChanged(["west/node-1" as NodeKey]), want: [web] },
    { name: "the health of an empty node marks nothing", happen: (e) => e.healthChanged(["west/node-9" as NodeKey]), want: [] },
  ];
  for (const { name, happen, want } of cases)
    it(name, () => {
      const { marks, events } = record();
      happen(events);
      assert.deepEqual(marks, want);
    });

  const changes: [KernelChange, string[]][] = [
    [{ kind: "link", name: "eth0", up: false }, ["node"]],
    [{ kind: "foreign" }, ["node"]],
    [{ kind: "unknown" }, ["node"]],
    [{ kind: "ours", table: 254 }, ["node"]],
    [{ kind: "ours", table: 5555 }, []],
  ];
  for (const [change, want] of changes)
    it(`a change of the kernel (${JSON.stringify(change)}) marks ${want.join() || "nothing"}`, () => {
      const { marks, events } = record();
      events.kernelChanged(change);
      assert.deepEqual(marks, want);
    });
});
