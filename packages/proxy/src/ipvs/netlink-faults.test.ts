import assert from "node:assert/strict";
import { CommonError } from "@sdn-tunnel/common/errors";
import { attribute, nest } from "@sdn-tunnel/common/kernel/attributes";
import { acknowledge, dumpOf, FakeNetlink, int32 } from "@sdn-tunnel/common/kernel/fake-socket";
import type { SocketEvent } from "@sdn-tunnel/common/kernel/fake-socket";
import { faultCases } from "@sdn-tunnel/common/kernel/faults";
import type { ReceivedMessage } from "@sdn-tunnel/common/kernel/netlink-message";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import type { ServerKey } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";
import { decodeDestination, decodeSettings } from "./codec.ts";
import { NetlinkIpvsTable } from "./netlink-table.ts";
import { tryIpvs } from "./probe.ts";
import type { IpvsOp } from "./table.ts";

const service = "tcp/172.31.0.7:80" as ServerKey;
const targets = ["10.20.0.1:8080", "10.20.0.2:8080", "10.20.0.3:8080"] as TargetKey[];
const [GET_SERVICE, GET_DESTINATIONS] = [4, 8];
const [ENOENT, ESRCH] = [-2, -3];

/** Numbers of linux/ip_vs.h: a service has a scheduler (6) and flags (7), a destination address, port, forwarding and weight (1 to 4). */
const settings = Buffer.concat([Buffer.from([1, 1, 0, 0]), nest(1, [attribute(6, Buffer.from("rr\0")), attribute(7, Buffer.alloc(8))])]);
const destination = (last: number): Buffer =>
  Buffer.concat([
    Buffer.from([5, 1, 0, 0]),
    nest(2, [attribute(1, Buffer.from([10, 20, 0, last, ...Buffer.alloc(12)])), attribute(2, Buffer.from([0x1f, 0x90])), attribute(3, int32(0)), attribute(4, int32(1))]),
  ]);

/** A kernel with one service that has three destinations, under a number that changes with its module. */
function open() {
  const module = { type: 28, silent: false };
  const kernel = new FakeNetlink((requests) => (module.silent ? [] : requests.flatMap(answer)));
  const answer = (request: ReceivedMessage): SocketEvent[] => {
    if (request.type !== module.type) return [{ messages: [acknowledge(request, ENOENT)] }];
    if (request.payload[0] === GET_SERVICE)
      return [{ messages: [{ type: module.type, flags: 0, sequence: request.sequence, payload: settings }] }, { messages: [acknowledge(request)] }];
    if (request.payload[0] === GET_DESTINATIONS) return dumpOf(request, module.type, [1, 2, 3].map(destination));
    return [{ messages: [acknowledge(request)] }];
  };
  const family = () => Buffer.concat([attribute(1, Buffer.from([module.type, 0])), attribute(2, Buffer.from("IPVS\0"))]);
  const generic = { request: async () => {}, dump: async () => [family()] };
  return { kernel, module, table: new NetlinkIpvsTable(generic, kernel.open, 50) };
}

const ops = (count: number): IpvsOp[] =>
  Array.from({ length: count }, (_, i) => ({ kind: "edit-destination", service, target: targets[i % 3] as TargetKey, weight: 1 }));
const isOwn = (error: unknown): boolean => error instanceof CommonError;

describe("NetlinkIpvsTable, reading", () => {
  it("knows the service and all of its destinations", async () => {
    const found = await open().table.read(service);
    assert.deepEqual([found?.scheduler, [...(found?.destinations.keys() ?? [])]], ["rr", targets]);
  });
  for (const { name, run } of faultCases)
    it(name, () => {
      const { kernel, table } = open();
      return run({ kernel, ask: () => table.read(service), isOwn });
    });
});

describe("NetlinkIpvsTable, changing", () => {
  for (const { name, run } of faultCases)
    it(name, () => {
      const { kernel, table } = open();
      const ask = async (): Promise<void> => assert.deepEqual((await table.apply(ops(3))).failed, []);
      return run({ kernel, ask, isOwn });
    });

  it("finds the number of a module that was loaded anew, and repairs what went by the old one", async () => {
    const { module, table } = open();
    await table.apply(ops(3));
    module.type = 31;
    assert.deepEqual((await table.apply(ops(3))).failed, []);
    module.type = 33;
    assert.equal((await table.read(service))?.destinations.size, 3);
  });

  it("asks a kernel that does not answer twice, however much there is to do", async () => {
    const { kernel, module, table } = open();
    await table.read(service);
    module.silent = true;
    const { length } = kernel.asked;
    const { done, failed } = await table.apply(ops(1000));
    assert.deepEqual([done.length, failed.length, new Set(failed.map(({ errno }) => errno))], [0, 1000, new Set(["ETIMEDOUT"])]);
    assert.equal(kernel.asked.length - length, 251); // the first datagram, and the attempt to see what became of it
  });

  it("reads or refuses whatever comes, also where only a part of it is there", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(80), (noise, length) => {
        for (const whole of [settings, destination(1)])
          for (const bytes of [Buffer.from(noise), whole.subarray(0, length), Buffer.concat([whole.subarray(0, length), Buffer.from(noise)])])
            for (const decode of [decodeSettings, (payload: Buffer) => decodeDestination(payload, service)])
              try {
                decode(bytes);
              } catch (error) {
                assert.ok(isOwn(error), String(error));
              }
      }),
    ));

  it("says which module to load where the kernel has no IPVS", async () => {
    const absent = () => Promise.reject(new CommonError({ code: "NETLINK_REFUSED", operation: "genl ctrl get name IPVS", errno: "ENOENT" }));
    const table = new NetlinkIpvsTable({ request: absent, dump: absent }, open().kernel.open);
    await assert.rejects(table.apply(ops(1)), /load it: modprobe ip_vs$/);
    assert.deepEqual(await tryIpvs({ netlink: table }, { read: async () => undefined, write: async () => {} }), { reason: "netlink: no module ip_vs" });
  });

  it("takes no answer to another request for a refusal", async () => {
    const { kernel, table } = open();
    kernel.spoil = (answer) => [{ messages: [{ type: 2, flags: 0, sequence: 999_999, payload: int32(ESRCH) }] }, ...answer];
    assert.equal((await table.read(service))?.destinations.size, 3);
  });
});
