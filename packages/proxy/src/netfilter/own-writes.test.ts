import assert from "node:assert/strict";
import { Ruleset } from "@sdn-tunnel/common/netfilter/ruleset";
import { describe, it } from "vitest";
import { noteOwnWrites } from "./own-writes.ts";

const cases: { name: string; argv: [string, ...string[]]; steps: number; want: boolean }[] = [
  { name: "notes a script that made a transaction", argv: ["nft", "-f", "-"], steps: 1, want: true },
  { name: "does not note one beside which somebody else made one", argv: ["nft", "-f", "-"], steps: 2, want: false },
  { name: "does not note what lists", argv: ["nft", "-j", "list", "chains"], steps: 1, want: false },
  { name: "does not note other programs", argv: ["iptables-restore", "-f"], steps: 1, want: false },
];

describe("noteOwnWrites()", () => {
  for (const { name, argv, steps, want } of cases)
    it(name, async () => {
      let generation = 1;
      const ruleset = new Ruleset(async () => generation);
      const commands = noteOwnWrites({ run: async (_, options) => ((generation += steps), `did ${options?.input}`) }, ruleset);
      assert.equal(await commands.run(argv, { input: "this" }), "did this");
      assert.equal(ruleset.isOwn(generation), want);
    });
});
