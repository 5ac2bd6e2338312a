import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { CommonError } from "../errors.ts";
import { parsePrefix } from "../net/prefix.ts";
import { attribute } from "./attributes.ts";
import { acknowledge, dumpOf, FakeNetlink, int32 } from "./fake-socket.ts";
import { faultCases } from "./faults.ts";
import { KernelRoutingTable } from "./rtnetlink.ts";
import type { RoutingOp } from "./route.ts";
import { Rtnetlink } from "./socket.ts";

/** `10.<n>.0.0/16 dev up0 table 5555 proto 215`: struct rtmsg and attributes (rtnetlink(7)). */
const route = (n: number): Buffer =>
  Buffer.concat([Buffer.from([2, 16, 0, 0, 252, 215, 253, 1, 0, 0, 0, 0]), attribute(15, int32(5555)), attribute(1, Buffer.from([10, n, 0, 0])), attribute(4, int32(7))]);
/** Device 7 with its name: struct ifinfomsg and an attribute. */
const link = Buffer.concat([Buffer.from([0, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), attribute(3, Buffer.from("up0\0"))]);
const [NEW_LINK, GET_LINK, NEW_ROUTE, GET_ROUTE, NEW_RULE, GET_RULE] = [16, 18, 24, 26, 32, 34];
const DUMP = 0x300;

function open() {
  const kernel = new FakeNetlink(([request]) => {
    if (!request) return [];
    if (request.type === GET_LINK && (request.flags & DUMP) === DUMP) return dumpOf(request, NEW_LINK, [link]);
    if (request.type === GET_ROUTE) return dumpOf(request, NEW_ROUTE, request.payload[0] === 2 ? [route(9), route(10), route(11)] : []);
    if (request.type === GET_RULE) return dumpOf(request, NEW_RULE, []);
    return [{ messages: [acknowledge(request)] }];
  });
  const rtnetlink = new Rtnetlink({ openSocket: kernel.open, timeoutMs: 50 });
  return { kernel, rtnetlink, table: new KernelRoutingTable(rtnetlink) };
}
const isOwn = (error: unknown): boolean => error instanceof CommonError;
const deletions = [9, 10, 11].map((n): RoutingOp => ({
  kind: "delete-route",
  route: { table: 5555, type: "unicast", destination: parsePrefix(`10.${n}.0.0/16`), device: "up0", source: undefined },
}));

describe("Rtnetlink, reading", () => {
  for (const { name, run } of faultCases)
    it(name, () => {
      const { kernel, rtnetlink } = open();
      return run({ kernel, ask: () => rtnetlink.dump("route", 2), isOwn });
    });
});

describe("KernelRoutingTable, reading", () => {
  it("knows what is in the table", async () => {
    const { routes } = await open().table.list([5555]);
    assert.deepEqual([...routes.keys()], ["5555 10.9.0.0/16", "5555 10.10.0.0/16", "5555 10.11.0.0/16"]);
    assert.equal(routes.values().next().value?.device, "up0");
  });
  for (const { name, run } of faultCases)
    it(name, () => {
      const { kernel, table } = open();
      return run({ kernel, ask: () => table.list([5555]), isOwn });
    });
});

describe("KernelRoutingTable, changing", () => {
  for (const { name, run } of faultCases)
    it(name, () => {
      const { kernel, table } = open();
      const ask = async (): Promise<void> => {
        const { done, failed } = await table.apply(deletions.slice(0, 1));
        assert.equal(done.length + failed.length, 1);
        if (failed[0]) throw new CommonError({ code: "NETLINK_REFUSED", operation: "", errno: failed[0].errno });
      };
      return run({ kernel, ask, isOwn });
    });

  it("goes on after a refusal, and not against a kernel that does not answer", async () => {
    const { kernel, table } = open();
    kernel.spoil = () => [{ error: "ENOBUFS" }];
    const lost = await table.apply(deletions);
    assert.deepEqual(lost.failed.map(({ errno }) => errno), ["ENOBUFS"]);
    assert.equal(lost.done.length, 2);
    const { length } = kernel.asked;
    kernel.spoil = () => [];
    const silent = await table.apply(deletions);
    assert.deepEqual(silent.failed.map(({ errno }) => errno), ["ETIMEDOUT", "ETIMEDOUT", "ETIMEDOUT"]);
    assert.equal(kernel.asked.length - length, 1);
  });
});
