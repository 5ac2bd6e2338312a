import { afterAll, describe, it } from "vitest";
import { deviceContract } from "./contract.ts";
import { FakeDevice } from "./fake.ts";

let passed = 0;
afterAll(() => console.log(`FakeDevice: ${passed} of ${deviceContract.length} cases of the device contract`));

describe("FakeDevice", () => {
  for (const { name, run } of deviceContract)
    it(name, async () => {
      await run(new FakeDevice());
      passed++;
    });
});
