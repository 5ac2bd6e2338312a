import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { restrain } from "./restrain.ts";
import type { Restraint } from "./restrain.ts";
import { showState, stateFrom } from "../bed/states.ts";

const west = (address: string): boolean => address.startsWith("172.31.");
const web = "tcp/172.31.0.7:80";
const south = "tcp/172.29.0.7:80";
const observed = stateFrom(["172.31.0.0/16"], { [web]: "a b" });
const none = stateFrom([], {});
const cases: { name: string; restraint: Partial<Restraint>; planned: typeof observed; want: typeof observed }[] = [
  { name: "is what is planned, without restraint", restraint: {}, planned: none, want: none },
  { name: "keeps a paused cluster as it is, and takes the others", restraint: { frozen: west }, planned: stateFrom(["172.29.0.0/16"], { [web]: "b c", [south]: "x" }), want: stateFrom(["172.31.0.0/16", "172.29.0.0/16"], { [web]: "a b", [south]: "x" }) },
  { name: "adds nothing for a paused cluster", restraint: { frozen: west }, planned: stateFrom([], { "tcp/172.31.0.8:80": "a" }), want: observed },
  { name: "adds, but removes nothing, while a source is silent", restraint: { removable: (address) => !west(address) }, planned: stateFrom([], { [web]: "b c" }), want: stateFrom(["172.31.0.0/16"], { [web]: "b c a" }) },
  { name: "keeps a server that nobody asks for while its source is silent", restraint: { removable: () => false }, planned: none, want: observed },
];

describe("restrain()", () => {
  for (const { name, restraint, planned, want } of cases)
    it(name, () => {
      const aimed = restrain(observed, planned, { frozen: () => false, removable: () => true, ...restraint });
      assert.equal(showState(aimed), showState(want));
    });

  it("hands the kernel's own state on when everything is frozen", () => {
    assert.deepEqual(restrain(observed, none, { frozen: () => true, removable: () => true }), observed);
  });
});
