import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, it } from "vitest";

const results = await runInNamespace(new URL("dataplane.netns.ts", import.meta.url));

describe("the proxy on a kernel, between the namespaces of a client, a node and pods", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});
