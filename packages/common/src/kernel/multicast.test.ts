import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { runInNamespace } from "./namespace.ts";

const results = await runInNamespace(new URL("multicast.netns.ts", import.meta.url));

describe("MulticastListener, in a network namespace of its own", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});
