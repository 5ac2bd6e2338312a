import { describe, it } from "vitest";
import { ipvsContract } from "./contract.ts";
import { FakeIpvsTable } from "./fake.ts";

describe(`FakeIpvsTable, ${ipvsContract.length} cases of the contract`, () => {
  for (const { name, run } of ipvsContract) it(name, () => run(new FakeIpvsTable()));
});
