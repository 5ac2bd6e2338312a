import { attribute, nest } from "@sdn-tunnel/common/kernel/attributes";
import { acknowledge, dumpOf, FakeNetlink } from "@sdn-tunnel/common/kernel/fake-socket";
import type { SocketEvent } from "@sdn-tunnel/common/kernel/fake-socket";
import { faultCases } from "@sdn-tunnel/common/kernel/faults";
import { GenericNetlink } from "@sdn-tunnel/common/kernel/generic";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TunnelError } from "../errors.ts";
import type { PublicKey } from "../keys/key.ts";
import { decodeDump } from "./genl-decode.ts";
import { GenlDevice } from "./genl.ts";
import type { PeerOp } from "./peer.ts";

const [CONTROLLER, FAMILY, GET] = [0x10, 0x1d, 0];
const key = (n: number): Buffer => Buffer.alloc(32, n);
const isOwn = (error: unknown): boolean => error instanceof TunnelError;

/** A message of the dump: the device's port, and one peer. */
const part = (n: number): Buffer => Buffer.concat([Buffer.from([0, 1, 0, 0]), attribute(6, Buffer.from([0xb3, 0x15])), nest(8, [nest(0, [attribute(1, key(n))])])]);

/** A kernel with three peers, which notes how many requests for changes came. */
function open() {
  const changes: Buffer[] = [];
  const world = { silent: false };
  const kernel = new FakeNetlink(([request]): SocketEvent[] => {
    if (!request) return [];
    const { type, sequence, payload } = request;
    if (type === CONTROLLER) {
      const family = Buffer.concat([Buffer.from([1, 2, 0, 0]), attribute(1, Buffer.from([FAMILY, 0]))]);
      return [{ messages: [{ type, flags: 0, sequence, payload: family }, acknowledge(request)] }];
    }
    if (payload[0] === GET) return dumpOf(request, FAMILY, [1, 2, 3].map(part));
    changes.push(payload);
    return world.silent ? [] : [{ messages: [acknowledge(request)] }];
  });
  return { kernel, changes, world, device: new GenlDevice("sdn-wg-a", new GenericNetlink(kernel.open, 50)) };
}

const ops = (count: number): PeerOp[] =>
  Array.from({ length: count }, (_, i) => ({ kind: "take-prefixes", publicKey: key(i & 0xff).toString("base64") as PublicKey, prefixes: [parsePrefix("10.132.0.0/23")] }));

describe("GenlDevice, reading", () => {
  it("knows the port and all peers", async () => {
    const { listenPort, peers } = await open().device.observe();
    expect([listenPort, peers.size]).toEqual([5555, 3]);
  });
  for (const { name, run } of faultCases)
    it(name, () => {
      const { kernel, device } = open();
      return run({ kernel, ask: () => device.observe(), isOwn });
    });
});

describe("GenlDevice, changing", () => {
  for (const { name, run } of faultCases)
    it(name, () => {
      const { kernel, device } = open();
      return run({ kernel, ask: () => device.apply(ops(3)), isOwn });
    });

  it("does once more, one by one, what was in a message whose acknowledgement was lost", async () => {
    const { kernel, device, changes } = open();
    await device.observe(); // knows the family's number
    kernel.spoil = () => [{ error: "ENOBUFS" }];
    expect(await device.apply(ops(3))).toEqual({ done: ops(3), failed: [] });
    expect(changes).toHaveLength(4);
  });

  it("asks a kernel that does not answer once, however much there is to do", async () => {
    const { device, changes, world } = open();
    world.silent = true;
    await expect(device.apply(ops(1000))).rejects.toThrow(/Cannot configure sdn-wg-a: the kernel does not answer/);
    expect(changes).toHaveLength(1);
  });
});

describe("decodeDump()", () => {
  it("reads or refuses whatever comes, also where only a part of it is there", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(part(1).length - 4), (noise, length) => {
        const whole = part(1).subarray(4);
        for (const bytes of [Buffer.from(noise), whole.subarray(0, length), Buffer.concat([whole.subarray(0, length), Buffer.from(noise)])])
          try {
            decodeDump("sdn-wg-a", [bytes]);
          } catch (error) {
            expect(isOwn(error)).toBe(true);
          }
      }),
    ));
});
