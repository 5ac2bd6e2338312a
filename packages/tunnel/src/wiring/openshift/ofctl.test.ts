import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, it } from "vitest";
import { bridgeContract } from "./contract.ts";
import { FakeBridge } from "./fake.ts";
import { provideVswitch, trueFlows } from "./vswitch.netns.ts";

await provideVswitch();
const results = await runInNamespace(new URL("ofctl.netns.ts", import.meta.url));

describe("OfctlBridge, on Open vSwitch's userspace datapath in a namespace of its own", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});

describe("FakeBridge", () => {
  for (const { name, run } of bridgeContract)
    it(name, async () => {
      const bridge = new FakeBridge(trueFlows("networkpolicy"));
      const foreign = async (): Promise<string> => {
        const rows = [...(bridge.flows ?? [])].filter(([, { cookie }]) => cookie !== "0x5d7e0001");
        return rows.map(([match, { cookie, actions }]) => `${cookie} ${match} ${actions}`).toSorted().join("\n");
      };
      await run(bridge, foreign);
    });
});
