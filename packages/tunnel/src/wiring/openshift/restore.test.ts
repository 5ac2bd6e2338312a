import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, it } from "vitest";
import { provideVswitch } from "./vswitch.netns.ts";

await provideVswitch();
const results = await runInNamespace(new URL("restore.netns.ts", import.meta.url));

describe("BridgeKeeper and watchBridge(), on Open vSwitch's userspace datapath in a namespace of its own", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});
