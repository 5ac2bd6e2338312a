import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, it } from "vitest";
import { provideVswitch } from "../wiring/openshift/vswitch.netns.ts";

await provideVswitch();
const results = await runInNamespace(new URL("killed.netns.ts", import.meta.url));

describe("sdn-tunneld, when nft(8) or ovs-ofctl(8) goes wrong", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});
