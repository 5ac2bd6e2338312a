import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { showChainOp, TAG } from "./chain.ts";
import type { ChainRule } from "./chain.ts";
import { diffAccepts } from "./diff.ts";
import { FakeChains } from "./fake.ts";

const chain = { family: "ip", table: "filter", name: "FORWARD", hook: "forward", type: "filter", policy: "drop" };
const ours = (handle: number, body: string): ChainRule => ({ handle, body, comment: TAG, verdict: "accept", always: false });
const foreign = (handle: number, verdict?: string): ChainRule => ({ handle, always: false, ...(verdict === undefined ? {} : { verdict }) });
const owns = (body: string): boolean => !body.startsWith("theirs");
const behind = ({ verdict = "" }: ChainRule): boolean => verdict.startsWith("jump cali-");

const cases: { name: string; rules: ChainRule[]; wanted: string[]; want: string[] }[] = [
  { name: "inserts at the head", rules: [foreign(1, "drop")], wanted: ["a"], want: ['insert rule ip filter FORWARD a counter accept comment "sdn-tunnel"'] },
  { name: "inserts into an empty chain", rules: [], wanted: ["a", "b"], want: ['insert rule ip filter FORWARD a counter accept comment "sdn-tunnel"', 'insert rule ip filter FORWARD b counter accept comment "sdn-tunnel"'] },
  { name: "leaves alone what stands right, in whatever order", rules: [ours(2, "b"), ours(1, "a"), foreign(3, "drop")], wanted: ["a", "b"], want: [] },
  { name: "lets an accept of others come first", rules: [foreign(3, "accept"), ours(1, "a")], wanted: ["a"], want: [] },
  {
    name: "comes before a rule that was put before it and may refuse",
    rules: [foreign(3), ours(1, "a")],
    wanted: ["a"],
    want: ["delete rule ip filter FORWARD handle 1", 'insert rule ip filter FORWARD a counter accept comment "sdn-tunnel"'],
  },
  { name: "takes out what is not wanted any more", rules: [ours(1, "a"), ours(2, "b")], wanted: ["b"], want: ["delete rule ip filter FORWARD handle 1"] },
  { name: "takes out twins", rules: [ours(1, "a"), ours(2, "a")], wanted: ["a"], want: ["delete rule ip filter FORWARD handle 2"] },
  { name: "stays behind the policies of pods", rules: [foreign(5, "jump cali-FORWARD"), foreign(6, "drop")], wanted: ["a"], want: ['add rule ip filter FORWARD handle 5 a counter accept comment "sdn-tunnel"'] },
  { name: "is content behind the policies of pods", rules: [foreign(5, "jump cali-FORWARD"), ours(7, "a"), foreign(6, "drop")], wanted: ["a"], want: [] },
  {
    name: "goes behind policies that came later",
    rules: [ours(7, "a"), foreign(5, "jump cali-FORWARD")],
    wanted: ["a"],
    want: ["delete rule ip filter FORWARD handle 7", 'add rule ip filter FORWARD handle 5 a counter accept comment "sdn-tunnel"'],
  },
  { name: "leaves the other daemon's rules alone, and lets them come first", rules: [ours(1, "theirs"), ours(2, "a"), foreign(3)], wanted: ["a"], want: [] },
  { name: "leaves rules of others alone that look like ours", rules: [{ ...ours(1, "a"), comment: "mine" }], wanted: [], want: [] },
];

describe("diffAccepts()", () => {
  for (const { name, rules, wanted, want } of cases)
    it(name, () => assert.deepEqual(diffAccepts({ ...chain, rules }, { wanted, owns, behind }).map(showChainOp), want));

  const anyRule = fc.oneof(
    fc.constantFrom("a", "b", "c", "theirs").map((body) => ours(0, body)),
    fc.constantFrom(undefined, "accept", "drop", "jump cali-FORWARD", "jump other").map((verdict) => foreign(0, verdict)),
  );

  it("converges from every chain in one step, and touches nothing of others", async () =>
    await fc.assert(
      fc.asyncProperty(fc.array(anyRule, { maxLength: 8 }), fc.subarray(["a", "b", "c"]), async (found, wanted) => {
        const chains = new FakeChains();
        const rules = found.map((rule, handle) => ({ ...rule, handle }));
        chains.set(chain, rules);
        const plan = { wanted, owns, behind };
        const [before] = await chains.list(() => true);
        await chains.apply(diffAccepts(before!, plan));
        const [after] = await chains.list(() => true);
        assert.deepEqual(diffAccepts(after!, plan), []);
        const others = (all: readonly ChainRule[]): readonly ChainRule[] => all.filter(({ comment, body }) => comment !== TAG || !owns(body ?? ""));
        assert.deepEqual(others(after!.rules), others(rules));
        assert.deepEqual(chains.accepts("ip filter FORWARD").filter(owns).toSorted(), wanted.toSorted());
      }),
    ));
});
