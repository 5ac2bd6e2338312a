import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, it } from "vitest";
import { provideVswitch } from "../wiring/openshift/vswitch.netns.ts";

await provideVswitch();
const results = await runInNamespace(new URL("policies.netns.ts", import.meta.url));

describe("NetworkPolicy and EgressNetworkPolicy, with our flows on the true table on Open vSwitch's userspace datapath", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});
