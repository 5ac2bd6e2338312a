import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { nothing } from "../services/backend.ts";
import { diffServers } from "../services/diff.ts";
import type { ServerKey } from "../services/server.ts";
import { stateFrom } from "../bed/states.ts";
import type { TargetKey } from "../services/target.ts";
import { staleFlows, touchedUdp } from "./plan.ts";

const dns = "udp/172.31.0.10:53";
const flow = (server: string, target: string) => ({ server: server as ServerKey, target: target as TargetKey, handle: target });
const flows = [flow(dns, "10.20.0.1:53"), flow(dns, "10.20.0.2:53"), flow(dns, "172.31.0.10:53"), flow("udp/172.31.0.99:53", "10.20.0.1:53")];

const cases = [
  { name: "a target is removed", before: "10.20.0.1:53 10.20.0.2:53", after: "10.20.0.2:53", want: ["10.20.0.1:53", "172.31.0.10:53"] },
  { name: "the first target comes: flows older than it are not translated", before: "", after: "10.20.0.1:53 10.20.0.2:53", want: ["172.31.0.10:53"] },
  { name: "the last target goes", before: "10.20.0.1:53", after: "", want: ["10.20.0.1:53", "10.20.0.2:53", "172.31.0.10:53"] },
  { name: "nothing changed", before: "10.20.0.1:53", after: "10.20.0.1:53", want: [] },
];

describe("staleFlows()", () => {
  for (const { name, before, after, want } of cases)
    it(`forgets what goes to no current target when ${name}`, () => {
      const [from, to] = [before, after].map((targets) => (targets ? stateFrom([], { [dns]: targets, "tcp/172.31.0.10:53": targets }) : nothing));
      const touched = touchedUdp(diffServers(from ?? nothing, to ?? nothing));
      assert.deepEqual(staleFlows(flows, touched).map(({ target }) => target), want);
    });
});
