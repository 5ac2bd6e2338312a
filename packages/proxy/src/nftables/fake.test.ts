import { describe, it } from "vitest";
import { nftContract } from "./contract.ts";
import { FakeNftTable } from "./fake.ts";

describe("FakeNftTable", () => {
  for (const { name, run } of nftContract) it(name, () => run(new FakeNftTable()));
});
