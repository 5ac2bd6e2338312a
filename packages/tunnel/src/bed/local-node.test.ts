import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, it } from "vitest";

const results = await runInNamespace(new URL("local-node.netns.ts", import.meta.url));

describe("sdn-tunneld, of its own Node object,", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});
