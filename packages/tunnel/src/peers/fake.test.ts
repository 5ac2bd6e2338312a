import { describe, expect, it } from "vitest";
import { deviceContract } from "./contract.ts";
import { FakeDevice } from "./fake.ts";

describe("FakeDevice", () => {
  for (const { name, run } of deviceContract) it(name, () => expect(run(new FakeDevice())).resolves.toBeUndefined());
});
