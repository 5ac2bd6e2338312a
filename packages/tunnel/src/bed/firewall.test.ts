import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, it } from "vitest";

const results = await runInNamespace(new URL("firewall.netns.ts", import.meta.url));

describe("sdn-tunneld beside firewalls of others, in namespaces", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});
