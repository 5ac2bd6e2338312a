import { CommonError } from "@sdn-tunnel/common/errors";
import { attribute, nest } from "@sdn-tunnel/common/kernel/attributes";
import { acknowledge, dumpOf, FakeNetlink } from "@sdn-tunnel/common/kernel/fake-socket";
import { faultCases } from "@sdn-tunnel/common/kernel/faults";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProxyError } from "../errors.ts";
import { NetfilterSocket } from "../netfilter/socket.ts";
import { decodeFlow } from "./codec.ts";
import { KernelConntrack } from "./ctnetlink.ts";

const [GET, DELETE] = [0x101, 0x102];
const [ENOENT, EBUSY] = [-2, -16];
const isOwn = (error: unknown): boolean => error instanceof ProxyError || error instanceof CommonError;

/** A tuple of linux/netfilter/nfnetlink_conntrack.h: addresses, then transport and ports. */
const tuple = (type: number, from: number[], to: number[], ports: [number, number]): Buffer =>
  nest(type, [
    nest(1, [attribute(1, Buffer.from(from)), attribute(2, Buffer.from(to))]),
    nest(2, [attribute(1, Buffer.from([17])), attribute(2, Buffer.from([ports[0] >> 8, ports[0] & 255])), attribute(3, Buffer.from([ports[1] >> 8, ports[1] & 255]))]),
  ]);
const flow = (last: number): Buffer =>
  Buffer.concat([Buffer.from([2, 0, 0, 0]), tuple(1, [10, 10, 0, 2], [172, 31, 0, 7], [4000, 53]), tuple(2, [10, 20, 0, last], [10, 10, 0, 2], [5353, 4000])]);

function open(deletions: number[] = []) {
  const kernel = new FakeNetlink(([request]) => {
    if (request?.type === GET) return dumpOf(request, 0x100, request.payload[0] === 2 ? [flow(1), flow(2), flow(3)] : []);
    return request?.type === DELETE ? [{ messages: [acknowledge(request, deletions.shift())] }] : [];
  });
  return { kernel, conntrack: new KernelConntrack(new NetfilterSocket(kernel.open, 50)) };
}

describe("KernelConntrack, reading", () => {
  it("knows the flows", async () => {
    const flows = await open().conntrack.listUdp();
    expect(flows.map(({ server, target }) => [server, target])).toEqual([1, 2, 3].map((last) => ["udp/172.31.0.7:53", `10.20.0.${last}:5353`]));
  });
  for (const { name, run } of faultCases)
    it(name, () => {
      const { kernel, conntrack } = open();
      return run({ kernel, ask: () => conntrack.listUdp(), isOwn });
    });
});

describe("KernelConntrack, forgetting", () => {
  it("goes on past a flow that is gone, and past one that is refused, which it names", async () => {
    const { kernel, conntrack } = open([ENOENT, EBUSY, 0]);
    const flows = await conntrack.listUdp();
    await expect(conntrack.forget(flows)).rejects.toThrow(/conntrack -D, flow to udp\/172\.31\.0\.7:53.*EBUSY/);
    expect(kernel.asked.filter(({ type }) => type === DELETE)).toHaveLength(3);
  });
});

describe("decodeFlow()", () => {
  it("reads or refuses whatever comes, also where only a part of it is there", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(flow(1).length), (noise, length) => {
        for (const bytes of [Buffer.from(noise), flow(1).subarray(0, length), Buffer.concat([flow(1).subarray(0, length), Buffer.from(noise)])])
          try {
            decodeFlow(bytes);
          } catch (error) {
            expect(isOwn(error)).toBe(true);
          }
      }),
    ));
});
