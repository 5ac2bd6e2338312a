import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommonError } from "../errors.ts";
import { attribute } from "./attributes.ts";
import { decodeRoute, decodeRule, destinationOf, nextHopsOf } from "./codec.ts";
import { dumpOf, FakeNetlink } from "./fake-socket.ts";
import { decodeLink } from "./links.ts";
import { Rtnetlink } from "./socket.ts";

/** A dump that consists of one message with these bytes, read by what reads such messages. */
async function read(kind: "route" | "rule" | "link", payload: Buffer): Promise<string[]> {
  const hops: string[] = [];
  const { open } = new FakeNetlink(([request]) => (request ? dumpOf(request, request.type - 2, [payload]) : []));
  using rtnetlink = new Rtnetlink({ openSocket: open, timeoutMs: 100 });
  for (const message of await rtnetlink.dump(kind, 2))
    if (message.kind === "route") {
      decodeRoute(message, () => "up0");
      destinationOf(message);
      hops.push(...nextHopsOf(message));
    } else if (message.kind === "rule") decodeRule(message);
    else decodeLink(message);
  return hops;
}

/** Of our protocol, with a gateway, a next hop of IPv6 and two legs, so that everything is looked at. */
const leg = (last: number): Buffer => Buffer.concat([Buffer.from([16, 0, 0, 0, 7, 0, 0, 0]), attribute(5, Buffer.from([10, 1, 0, last]))]);
const route = Buffer.concat([
  Buffer.from([2, 16, 0, 0, 252, 215, 253, 1, 0, 0, 0, 0]),
  attribute(1, Buffer.from([10, 9, 0, 0])),
  attribute(7, Buffer.from([10, 1, 0, 2])),
  attribute(8, attribute(16, Buffer.from("reno\0"))), // RTAX_CC_ALGO
  attribute(18, Buffer.from([10, 0, 0xfd, ...Buffer.alloc(14), 1])),
  attribute(9, Buffer.concat([leg(7), leg(8)])),
]);
const heads = { route: route.subarray(0, 12), rule: Buffer.alloc(12), link: Buffer.alloc(16) } as const;

describe("messages of rtnetlink", () => {
  it("are read when they are whole, also what the library would refuse", async () => {
    const hops = await read("route", route);
    expect(hops.toSorted()).toEqual(["10.1.0.7", "10.1.0.8", "fd00::1"]);
  });

  for (const kind of ["route", "rule", "link"] as const)
    it(`are read or refused whatever comes: ${kind}`, () =>
      fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), fc.array(fc.tuple(fc.nat(30), fc.uint8Array({ maxLength: 40 })), { maxLength: 5 }), fc.nat(route.length), async (noise, attributes, length) => {
          const made = Buffer.concat([heads[kind], ...attributes.map(([type, value]) => attribute(type, value))]);
          for (const payload of [Buffer.from(noise), made, Buffer.concat([route.subarray(0, length), Buffer.from(noise)])])
            await read(kind, payload).catch((error: unknown) => {
              if (!(error instanceof CommonError)) throw error;
              expect(error.fault.code).toBe("NETLINK_UNREADABLE");
            });
        }),
      ));
});
