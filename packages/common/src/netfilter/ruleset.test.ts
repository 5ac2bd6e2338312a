import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { runInNamespace } from "../kernel/namespace.ts";
import { Remembered } from "./remembered.ts";
import { Ruleset } from "./ruleset.ts";
import type { Change } from "./ruleset.ts";
import type { Transaction } from "./transaction.ts";

/** What is remembered is a table: by our own name for it, and by the kernel's. */
const concerns = (change: Change): boolean => ("own" in change ? change.own === "table" : change.told.tables.has("inet table"));
const told = (generation: number, table: string): Transaction => ({ generation, program: "x", pid: 1, tables: new Set([`inet ${table}`]), chains: new Set(), baseChains: false });

/** A ruleset whose generation others raise by hand. */
function open(first = 7) {
  const kernel = { generation: first, silent: false };
  const ruleset = new Ruleset(async () => {
    if (kernel.silent) throw new Error("EPERM");
    return kernel.generation;
  });
  let reads = 0;
  const remembered = new Remembered(ruleset, concerns, async () => `read ${++reads}`);
  const write = (what: string, steps = 1) => ruleset.transact(what, async () => void (kernel.generation += steps));
  return { kernel, ruleset, remembered, write, reads: () => reads };
}

type Bed = ReturnType<typeof open>;

const cases: { name: string; between: (bed: Bed) => unknown; want: number }[] = [
  { name: "does not read again while nothing happens", between: () => undefined, want: 1 },
  { name: "reads again when somebody else made a transaction", between: ({ kernel }) => kernel.generation++, want: 2 },
  { name: "reads again when we changed the same thing", between: ({ write }) => write("table"), want: 2 },
  { name: "does not read again when we changed another thing", between: ({ write }) => write("chain"), want: 1 },
  { name: "reads again when somebody else came between", between: ({ write }) => write("chain", 2), want: 2 },
  { name: "reads again when somebody else came before", between: async ({ kernel, write }) => (kernel.generation++, await write("chain")), want: 2 },
  { name: "reads again when somebody else came after", between: async ({ kernel, write }) => (await write("chain"), kernel.generation++), want: 2 },
  { name: "does not read again after a transaction that changed nothing", between: ({ write }) => write("table", 0), want: 1 },
  { name: "reads again when the kernel does not say", between: ({ kernel }) => (kernel.silent = true), want: 2 },
  { name: "does not read again when it was told that somebody changed another thing", between: ({ kernel, ruleset }) => ruleset.hear(told(++kernel.generation, "other")), want: 1 },
  { name: "reads again when it was told that somebody changed it", between: ({ kernel, ruleset }) => ruleset.hear(told(++kernel.generation, "table")), want: 2 },
  { name: "reads again when it was told of one and not of another", between: ({ kernel, ruleset }) => ruleset.hear(told((kernel.generation += 2), "other")), want: 2 },
  { name: "reads again when what was told may be a part", between: ({ kernel, ruleset }) => (ruleset.hear(told(++kernel.generation, "other")), ruleset.forgetTold()), want: 2 },
  { name: "reads again when it has to", between: ({ remembered }) => remembered.drop(), want: 2 },
  {
    name: "takes over what our own transaction left",
    between: async ({ write, remembered }) => remembered.put("ours", (await write("table")).at),
    want: 1,
  },
  {
    name: "does not take it over when somebody else came between",
    between: async ({ write, remembered }) => remembered.put("ours", (await write("table", 2)).at),
    want: 2,
  },
];

describe("Remembered", () => {
  for (const { name, between, want } of cases)
    it(name, async () => {
      const bed = open();
      await bed.remembered.get();
      await between(bed);
      await bed.remembered.get();
      assert.equal(bed.reads(), want);
    });

  it("reads again what changed while it was read", async () => {
    const { kernel, ruleset } = open();
    let reads = 0;
    const remembered = new Remembered(ruleset, concerns, async () => (reads++ === 0 ? kernel.generation++ : 0));
    for (let i = 0; i < 3; i++) await remembered.get();
    assert.equal(reads, 2);
  });
});

describe("Ruleset", () => {
  it("knows its own transactions, and skips 0 when the number wraps", async () => {
    const { kernel, ruleset, remembered, reads } = open(0xffff_ffff);
    await remembered.get();
    const { at } = await ruleset.transact("chain", async () => void (kernel.generation = 1));
    assert.equal(at, 1);
    assert.ok(ruleset.isOwn(1) && !ruleset.isOwn(2));
    await remembered.get();
    assert.equal(reads(), 1);
  });

  it("does not keep a transaction that failed", async () => {
    const { kernel, ruleset } = open();
    await assert.rejects(ruleset.transact("table", () => Promise.reject(new Error("refused"))));
    kernel.generation++;
    assert.ok(!ruleset.isOwn(8));
  });

  it("forgets the oldest ones, of which it is then not sure", async () => {
    const { ruleset, write } = open(0);
    for (let i = 0; i < 5000; i++) await write("chain");
    assert.ok(ruleset.isUntouched(1000, 5000, () => false));
    assert.ok(!ruleset.isUntouched(1, 5000, () => false));
  });
});

const results = await runInNamespace(new URL("ruleset.netns.ts", import.meta.url));

describe("The kernel's ruleset, in a network namespace of its own", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
});
