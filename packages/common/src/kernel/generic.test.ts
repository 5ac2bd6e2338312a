import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { CommonError } from "../errors.ts";
import { attribute } from "./attributes.ts";
import { acknowledge, dumpOf, FakeNetlink, int32 } from "./fake-socket.ts";
import type { SocketEvent } from "./fake-socket.ts";
import { faultCases } from "./faults.ts";
import { GenericNetlink } from "./generic.ts";
import type { NetlinkMessage } from "./netlink-message.ts";

type Script = (asked: NetlinkMessage) => readonly SocketEvent[];

const [DONE, CONTROLLER, FAMILY] = [3, 0x10, 0x1c];
const part = (text: string): Buffer => Buffer.concat([Buffer.from([0, 1, 0, 0]), Buffer.from(text)]);
const ack: Script = (asked) => [{ messages: [acknowledge(asked)] }];
const refuse = (errno: number): Script => (asked) => [{ messages: [acknowledge(asked, errno)] }];
const dump = (...texts: string[]): Script => (asked) => dumpOf(asked, FAMILY, texts.map(part));

/** A kernel that knows the family `test`, and answers each request for it by the next script; the last one stays. */
function open(...scripts: Script[]) {
  const asked: NetlinkMessage[] = [];
  const kernel = new FakeNetlink(([request]) => {
    if (!request) return [];
    if (request.type === CONTROLLER) return family(request);
    asked.push(request);
    return ((scripts.length > 1 ? scripts.shift() : scripts[0]) ?? ack)(request);
  });
  return { netlink: new GenericNetlink(kernel.open, 50), asked, kernel };
}

function family(request: NetlinkMessage): SocketEvent[] {
  if (!request.payload.includes("test\0")) return [{ messages: [acknowledge(request, -2)] }];
  const payload = Buffer.concat([Buffer.from([1, 2, 0, 0]), attribute(1, Buffer.from([FAMILY, 0]))]);
  return [{ messages: [{ type: CONTROLLER, flags: 0, sequence: request.sequence, payload }] }, { messages: [acknowledge(request)] }];
}

const request = (family = "test") => ({ family, version: 1, command: 5, attributes: Buffer.from("body") });
const refused = (errno: string) => (error: unknown) => {
  assert.ok(error instanceof CommonError && error.fault.code === "NETLINK_REFUSED");
  assert.equal(error.fault.errno, errno);
  return true;
};
const texts = (parts: readonly Buffer[]): string[] => parts.map((found) => found.toString());

describe("GenericNetlink, on a socket that plays the kernel", () => {
  it("asks for the family once, and sends command and version before the attributes", async () => {
    const { netlink, asked } = open();
    await netlink.request(request(), "test");
    await netlink.request(request(), "test");
    assert.deepEqual(asked.map(({ type, flags, payload }) => [type, flags, payload.toString("latin1")]), [
      [FAMILY, 5, "\x05\x01\0\0body"],
      [FAMILY, 5, "\x05\x01\0\0body"],
    ]);
  });

  it("names the errno, and says ENOENT of a family that is not there", async () => {
    const { netlink } = open(refuse(-22), refuse(-9999));
    await assert.rejects(netlink.request(request(), "test"), refused("EINVAL"));
    await assert.rejects(netlink.request(request(), "test"), refused("errno 9999"));
    await assert.rejects(netlink.request(request("absent"), "test"), refused("ENOENT"));
  });

  it("puts a dump together from all its messages", async () => {
    const { netlink } = open(dump("a", "b"));
    assert.deepEqual(texts(await netlink.dump(request(), "test")), ["a", "b"]);
  });

  it("reads again what was interrupted or lost, and gives up a dump that never stands still", async () => {
    const interrupted: Script = (asked) => [{ messages: [{ type: DONE, flags: 0x12, sequence: asked.sequence, payload: int32(0) }] }];
    const { netlink, asked } = open(interrupted, () => [{ error: "ENOBUFS" }], dump("whole"), interrupted);
    assert.deepEqual(texts(await netlink.dump(request(), "test")), ["whole"]);
    assert.equal(asked.length, 3);
    await assert.rejects(netlink.dump(request(), "test"), refused("EINTR"));
    assert.equal(asked.length, 8);
  });

  it("does not believe in an acknowledgement that was lost, and goes on with a new socket", async () => {
    const { netlink, kernel } = open(() => [{ error: "ENOBUFS" }], ack);
    await assert.rejects(netlink.request(request(), "test"), refused("ENOBUFS"));
    await netlink.request(request(), "test");
    assert.equal(kernel.sockets, 2);
  });

  it("says that no answer came", async () => {
    const { netlink } = open(() => []);
    await assert.rejects(netlink.request(request(), "test"), refused("ETIMEDOUT"));
  });

  it("refuses what cannot be read", async () => {
    const { netlink } = open(() => [{ bytes: Buffer.from("no netlink") }]);
    await assert.rejects(netlink.dump(request(), "test"), /the message at byte 0 of 10/);
  });

  it("finds the family's number anew when the kernel no longer knows the old one", async () => {
    const { netlink, kernel } = open(refuse(-2), ack);
    await assert.rejects(netlink.request(request(), "test"), refused("ENOENT"));
    await netlink.request(request(), "test");
    assert.equal(kernel.asked.filter(({ type }) => type === CONTROLLER).length, 2);
  });
});

for (const [what, ask] of [
  ["reading", (netlink: GenericNetlink) => netlink.dump(request(), "test")],
  ["changing", (netlink: GenericNetlink) => netlink.request(request(), "test")],
] as const)
  describe(`GenericNetlink, ${what}`, () => {
    for (const { name, run } of faultCases)
      it(name, () => {
        const { netlink, kernel } = open(what === "reading" ? dump("a", "b", "c") : ack);
        return run({ kernel, ask: () => ask(netlink), isOwn: (error) => error instanceof CommonError });
      });
  });
