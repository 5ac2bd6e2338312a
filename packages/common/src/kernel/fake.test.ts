import { describe, expect, it } from "vitest";
import { parseAddress } from "../net/address.ts";
import { routingContract } from "./contract.ts";
import { FakeRoutingTable } from "./fake.ts";

describe("FakeRoutingTable", () => {
  for (const { name, run } of routingContract)
    it(name, async () => {
      const devices = [["lo", "up"], ["up0", "up"], ["down0", "down"]] as const;
      const table = new FakeRoutingTable(devices, ["10.1.0.1", "fd01::1"].map(parseAddress));
      const subject = { table, setDevice: async (device: string, state: "up" | "down") => table.setDevice(device, state) };
      await expect(run(subject)).resolves.toBeUndefined();
    });
});
