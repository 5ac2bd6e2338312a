import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { describe, it } from "vitest";

const results = await runInNamespace(new URL("killed.netns.ts", import.meta.url));

describe("sdn-proxyd, when nft(8) goes wrong", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});
