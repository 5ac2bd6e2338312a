import assert from "node:assert/strict";
import fc from "fast-check";
import { CommonError } from "@sdn-tunnel/common/errors";
import { Ruleset } from "@sdn-tunnel/common/netfilter/ruleset";
import { describe, it } from "vitest";
import { nothing } from "../services/backend.ts";
import { diffServers } from "../services/diff.ts";
import { arbitraryState, showState, stateFrom } from "../bed/states.ts";
import { NftablesBackend } from "./backend.ts";
import { FakeNftTable } from "./fake.ts";
import { readState } from "./state.ts";
import type { NftOp } from "./table.ts";

const web = "tcp/172.31.0.7:80";
const targets = (count: number): string => Array.from({ length: count }, (_, i) => `10.20.0.${i + 1}:80`).join(" ");

/** Elements written or deleted, rules counted as one. */
const cost = (ops: readonly NftOp[] | undefined): number => ops?.length ?? 0;

describe("NftablesBackend", () => {
  it("reaches any state from any other, and leaves nothing over", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryState(), { minLength: 2, maxLength: 5 }), async (states) => {
        const table = new FakeNftTable();
        const backend = new NftablesBackend(table);
        for (const state of states) {
          assert.deepEqual((await backend.apply(diffServers(await backend.list(), state))).failed, []);
          assert.equal(showState(readState(await table.read())), showState(state));
          assert.deepEqual(diffServers(await backend.list(), state), []);
        }
      }),
      { numRuns: 60 },
    );
  });

  const changes = [
    { name: "a target more", before: targets(3), after: targets(4), want: 3 },
    { name: "a target less", before: targets(4), after: targets(3), want: 3 },
    { name: "the first target less", before: targets(4), after: "10.20.0.2:80 10.20.0.3:80 10.20.0.4:80", want: 5 },
    { name: "a target replaced", before: targets(3), after: "10.20.0.1:80 10.20.0.2:80 10.20.0.9:80", want: 2 },
    { name: "the first target", before: "", after: targets(1), want: 2 },
    { name: "one of a hundred more", before: targets(100), after: targets(101), want: 1 },
  ];
  for (const { name, before, after, want } of changes)
    it(`costs ${want} operations for ${name}, whatever the number of Services`, async () => {
      for (const count of [100, 1000, 10_000]) {
        const others = Object.fromEntries(Array.from({ length: count }, (_, i) => [`tcp/172.31.${100 + (i >> 8)}.${i & 255}:80`, targets(2)]));
        const [from, to] = [before, after].map((t) => stateFrom(["172.31.0.0/16"], t === "" ? others : { ...others, [web]: t }));
        const table = new FakeNftTable();
        const backend = new NftablesBackend(table);
        await backend.apply(diffServers(nothing, from ?? nothing));
        await backend.apply(diffServers(from ?? nothing, to ?? nothing));
        assert.equal(cost(table.commits.at(-1)), want, `at ${count} Services`);
      }
    });

  it("applies the rest when the kernel refuses one, and says which", async () => {
    const table = new FakeNftTable();
    const backend = new NftablesBackend(table);
    const servers = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`tcp/172.31.0.${i}:80`, targets(2)]));
    table.refuse = (op) => op.kind === "add-element" && op.key === "172.31.0.42 . tcp . 80";
    const { done, failed } = await backend.apply(diffServers(await backend.list(), stateFrom(["172.31.0.0/16"], servers)));
    assert.equal(done.length, 100); // 99 servers and the prefix
    assert.deepEqual(failed.map(({ change, reason }) => ["key" in change && change.key, reason]), [["tcp/172.31.0.42:80", "ENOMEM"]]);
    assert.equal(readState(await table.read()).servers.size, 99);
  });

  it("tries nothing else when the tool was killed or does not answer, and fails all", async () => {
    for (const exit of ["ended by SIGKILL", "killed after 120000 ms"]) {
      const table = new FakeNftTable();
      const backend = new NftablesBackend(table);
      const changes = diffServers(await backend.list(), stateFrom(["172.31.0.0/16"], { [web]: targets(2), "tcp/172.31.0.8:80": targets(3) }));
      let tries = 0;
      table.commit = async () => {
        tries += 1;
        throw new CommonError({ code: "COMMAND_FAILED", command: "nft -f -", exit, stderr: "" });
      };
      const { done, failed } = await backend.apply(changes);
      assert.deepEqual([done.length, failed.length, tries], [0, 3, 1]);
      assert.match(failed[0]?.reason ?? "", new RegExp(exit));
    }
  });

  it("knows that the table is as it left it, until somebody else may have touched it", async () => {
    const table = new FakeNftTable();
    let foreign = 0;
    const ruleset = new Ruleset(async () => table.commits.length + foreign);
    const noted = { read: () => table.read(), commit: async (ops: readonly NftOp[]) => (await ruleset.transact("sdn_proxy", () => table.commit(ops))).value };
    const backend = new NftablesBackend(noted, ruleset);
    const told = (name: string) => ruleset.hear({ generation: table.commits.length + ++foreign, program: "x", pid: 1, tables: new Set([name]), chains: new Set(), baseChains: false });
    const answers: boolean[] = [await backend.isUnchanged()]; // it was never listed
    await backend.list();
    answers.push(await backend.isUnchanged());
    await backend.apply(diffServers(nothing, stateFrom(["172.31.0.0/16"], { [web]: targets(2) })));
    answers.push(await backend.isUnchanged());
    told("ip kube-proxy");
    answers.push(await backend.isUnchanged());
    told("inet sdn_proxy");
    answers.push(await backend.isUnchanged());
    await backend.list();
    foreign++; // of which nothing was heard
    answers.push(await backend.isUnchanged());
    assert.deepEqual(answers, [false, true, true, true, false, false]);
  });

  it("writes nothing when nothing changed", async () => {
    const table = new FakeNftTable();
    await new NftablesBackend(table).apply(diffServers(nothing, stateFrom(["172.31.0.0/16"], { [web]: targets(2) })));
    const restarted = new NftablesBackend(table);
    await restarted.apply(diffServers(await restarted.list(), stateFrom(["172.31.0.0/16"], { [web]: targets(2) })));
    assert.equal(table.commits.length, 1);
  });

  it("shows its changes as one script", () => {
    const backend = new NftablesBackend(new FakeNftTable());
    const script = backend.show(diffServers(nothing, stateFrom(["172.31.0.0/16"], { [web]: targets(2) })));
    assert.match(script, /^add table inet sdn_proxy\ndelete table inet sdn_proxy\ntable inet sdn_proxy \{/);
    const elements = script.slice(script.indexOf("add element"));
    assert.equal(
      elements,
      [
        "add element inet sdn_proxy cidrs4 { 172.31.0.0/16 }",
        "add element inet sdn_proxy ep4_0 { 172.31.0.7 . tcp . 80 : 10.20.0.1 . 80 }",
        "add element inet sdn_proxy ep4_1 { 172.31.0.7 . tcp . 80 : 10.20.0.2 . 80 }",
        "add element inet sdn_proxy svc4 { 172.31.0.7 . tcp . 80 : goto n4_2 }",
        "",
      ].join("\n"),
    );
  });
});
