import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import type { BackendState, Change } from "./backend.ts";
import { nothing } from "./backend.ts";
import { diffServers } from "./diff.ts";
import { arbitraryState, showState, stateFrom } from "../bed/states.ts";
import { Shadow } from "./shadow.ts";

const show = (change: Change): string => {
  switch (change.kind) {
    case "add-prefix":
    case "delete-prefix":
      return `${change.kind} ${change.prefix}`;
    case "set-server":
      return `set ${change.key} = ${change.after.targets.join(" ")}${change.before ? ` (was ${change.before.targets.join(" ")})` : ""}`;
    case "delete-server":
      return `delete ${change.key}`;
  }
};

const cidr = "172.31.0.0/16";
const web = "tcp/172.31.0.7:8080";
const cases: { name: string; observed: BackendState; desired: BackendState; want: string[] }[] = [
  { name: "guards a prefix before it balances in it", observed: nothing, desired: stateFrom([cidr], { [web]: "10.20.0.1:8080" }), want: [`add-prefix ${cidr}`, `set ${web} = 10.20.0.1:8080`] },
  { name: "removes the guard last", observed: stateFrom([cidr], { [web]: "10.20.0.1:8080" }), desired: nothing, want: [`delete ${web}`, `delete-prefix ${cidr}`] },
  { name: "sees no change in another order", observed: stateFrom([], { [web]: "a b" }), desired: stateFrom([], { [web]: "b a" }), want: [] },
  { name: "keeps the slots of those that stay", observed: stateFrom([], { [web]: "a b c" }), desired: stateFrom([], { [web]: "b c d" }), want: [`set ${web} = d b c (was a b c)`] },
  { name: "replaces remains", observed: stateFrom([], { [web]: "" }), desired: stateFrom([], { [web]: "a" }), want: [`set ${web} = a (was )`] },
  { name: "deletes remains that nobody wants", observed: stateFrom([], { [web]: "" }), desired: nothing, want: [`delete ${web}`] },
  { name: "sees a change of affinity", observed: stateFrom([], { [web]: "a" }), desired: stateFrom([], { [web]: "a" }, 60), want: [`set ${web} = a (was a)`] },
];

describe("diffServers()", () => {
  for (const { name, observed, desired, want } of cases) it(name, () => assert.deepEqual(diffServers(observed, desired).map(show), want));

  it("is empty when converged, and reaches any state from any other", () => {
    fc.assert(
      fc.property(arbitraryState(), arbitraryState(), (from, to) => {
        assert.deepEqual(diffServers(to, to), []);
        const shadow = new Shadow(from);
        shadow.acknowledge(diffServers(from, to));
        assert.equal(showState(shadow), showState(to));
      }),
    );
  });
});
