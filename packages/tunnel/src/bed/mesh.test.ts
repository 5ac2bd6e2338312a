import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, it } from "vitest";

const results = await runInNamespace(new URL("mesh.netns.ts", import.meta.url));

describe("sdn-tunneld, two nodes on two wireguard-go in namespaces of their own", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});
