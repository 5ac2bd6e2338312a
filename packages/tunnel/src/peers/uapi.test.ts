import assert from "node:assert/strict";
import { runInNamespace } from "@sdn-tunnel/common/kernel/namespace";
import { afterAll, describe, it } from "vitest";
import { deviceContract } from "./contract.ts";

const results = await runInNamespace(new URL("uapi.netns.ts", import.meta.url));
const passed = deviceContract.filter(({ name }) => results.has(name) && results.get(name) === undefined);
afterAll(() => console.log(`UapiDevice: ${passed.length} of ${deviceContract.length} cases of the device contract`));

describe("UapiDevice, on wireguard-go in namespaces of its own", () => {
  for (const [name, error] of results) it(name, () => assert.equal(error, undefined));
  it("leaves out no case of the contract", () => assert.deepEqual(passed, deviceContract));
});
