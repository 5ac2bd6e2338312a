import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, it } from "vitest";

const results = await runInNamespace(new URL("rtnetlink.netns.ts", import.meta.url));

describe("KernelHostNetwork finds, in a network namespace of its own,", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});
