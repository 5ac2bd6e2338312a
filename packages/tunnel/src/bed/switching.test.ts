import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, it } from "vitest";
import { provideVswitch } from "../wiring/openshift/vswitch.netns.ts";

await provideVswitch();
const results = await runInNamespace(new URL("switching.netns.ts", import.meta.url));

describe("two nodes on br0 that go over from the original project of 2018, by the README's steps", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});
