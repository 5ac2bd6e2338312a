import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { runInNamespace } from "../kernel/namespace.ts";
import { chainsContract } from "./contract.ts";
import type { OwnersRule } from "./contract.ts";
import { FakeChains } from "./fake.ts";

const results = await runInNamespace(new URL("nft-chains.netns.ts", import.meta.url));

describe("NftChains, in a network namespace of its own", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});

const withIptables = await runInNamespace(new URL("iptables.netns.ts", import.meta.url));

describe("NftChains, on chains of iptables-nft", () => {
  for (const [name, error] of withIptables) it(name, () => assert.equal(error, undefined));
});

const verdicts: Readonly<Record<OwnersRule, string | undefined>> = {
  accept: "accept",
  "drop established": "drop",
  drop: "drop",
  reject: "reject",
  "jump sub": "jump sub",
  count: undefined,
};

describe("FakeChains", () => {
  for (const { name, run } of chainsContract)
    it(name, async () => {
      const chains = new FakeChains();
      const own = async (chain: Parameters<FakeChains["set"]>[0], rules: readonly OwnersRule[]): Promise<void> =>
        chains.set(
          chain,
          rules.map((rule, handle) => {
            const verdict = verdicts[rule];
            return { handle, always: rule !== "drop established" && verdict !== undefined, ...(verdict === undefined ? {} : { verdict }), ...(verdict === "accept" ? { body: "" } : {}) };
          }),
        );
      await run({ chains, own });
    });
});
