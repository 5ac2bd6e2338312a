import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, it } from "vitest";
import type { ServerKey } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";
import { conntrackContract } from "./contract.ts";
import { FakeConntrack } from "./fake.ts";

const results = await runInNamespace(new URL("ctnetlink.netns.ts", import.meta.url));

describe("KernelConntrack, in a network namespace of its own", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});

describe("FakeConntrack", () => {
  for (const { name, run } of conntrackContract)
    it(name, async () => {
      const conntrack = new FakeConntrack();
      await run({
        conntrack,
        start: async (server, target) =>
          void conntrack.flows.push({ server: server as ServerKey, target: target as TargetKey, handle: conntrack.flows.length }),
        flush: async () => void (conntrack.flows = []),
      });
    });
});
