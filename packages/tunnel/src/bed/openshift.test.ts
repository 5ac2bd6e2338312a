import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, it } from "vitest";
import { provideVswitch } from "../wiring/openshift/vswitch.netns.ts";

await provideVswitch();
const results = await runInNamespace(new URL("openshift.netns.ts", import.meta.url));

describe("sdn-tunneld, on br0 with the true flows, in a namespace of its own", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});
