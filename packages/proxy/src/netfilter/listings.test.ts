import assert from "node:assert/strict";
import { Ruleset } from "@sdn-tunnel/common/netfilter/ruleset";
import type { Transaction } from "@sdn-tunnel/common/netfilter/transaction";
import { describe, it } from "vitest";
import { rememberListings } from "./listings.ts";
import { noteOwnWrites } from "./own-writes.ts";

const LIST = ["nft", "-j", "list", "tables"] as const;

/** A ruleset, and the programs that were started on it. */
function setUp() {
  let generation = 1;
  const started: string[] = [];
  const ruleset = new Ruleset(async () => generation);
  const bare = {
    run: async (argv: readonly [string, ...string[]]) => {
      if (argv.includes("-f")) generation++;
      return `${argv.join(" ")}, ${started.push(argv.join(" "))}`;
    },
  };
  const tell = (table: string): void => {
    const told: Transaction = { generation: ++generation, program: "nft", pid: 7, tables: new Set([table]), chains: new Set(), baseChains: false };
    ruleset.hear(told);
  };
  const commands = rememberListings(noteOwnWrites(bare, ruleset), ruleset, ({ tables }) => tables.has("inet sdn_proxy"));
  return { commands, started, tell, unheard: () => void generation++ };
}

const cases: { name: string; meanwhile: (kit: ReturnType<typeof setUp>) => unknown; again: boolean }[] = [
  { name: "not again while nothing changes", meanwhile: () => {}, again: false },
  { name: "not again after what somebody did elsewhere", meanwhile: ({ tell }) => tell("ip kube-proxy"), again: false },
  { name: "again after what somebody did to it", meanwhile: ({ tell }) => tell("inet sdn_proxy"), again: true },
  { name: "again after what nobody told of", meanwhile: ({ unheard }) => unheard(), again: true },
  { name: "again after a write of our own", meanwhile: ({ commands }) => commands.run(["nft", "-f", "-"]), again: true },
];

describe("rememberListings() lists", () => {
  for (const { name, meanwhile, again } of cases)
    it(name, async () => {
      const kit = setUp();
      const first = await kit.commands.run(LIST);
      await meanwhile(kit);
      assert.equal((await kit.commands.run(LIST)) !== first, again);
    });

  it("each listing by itself, and runs everything else each time", async () => {
    const { commands, started } = setUp();
    for (const argv of [LIST, ["nft", "-j", "list", "chains"], ["ipvsadm", "-S"]] as const) for (let i = 0; i < 2; i++) await commands.run(argv);
    assert.deepEqual(started, ["nft -j list tables", "nft -j list chains", "ipvsadm -S", "ipvsadm -S"]);
  });
});
