import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, it } from "vitest";
import { dataPlaneNames } from "./suite.netns.ts";

const results = await runInNamespace(new URL("dataplane.netns.ts", import.meta.url));

describe(`the proxy on a kernel, between the namespaces of a client, a node and pods, by nftables: ${dataPlaneNames.length} cases`, () => {
  for (const name of dataPlaneNames)
    it(name, () => {
      assert.ok(results.has(`nftables: ${name}`), "a case that did not run");
      assert.equal(results.get(`nftables: ${name}`), undefined);
    });
});
