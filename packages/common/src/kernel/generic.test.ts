import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { CommonError } from "../errors.ts";
import { attribute } from "./attributes.ts";
import type { DatagramSocket } from "./exchange.ts";
import { GenericNetlink } from "./generic.ts";
import { decodeMessages, encodeMessage } from "./netlink-message.ts";
import type { NetlinkMessage } from "./netlink-message.ts";

type Event = { message: [number, Buffer, flags?: number] } | { truncated: true } | { error: string } | { raw: Buffer };
type Script = (asked: NetlinkMessage) => readonly Event[];

const [ERROR, DONE, CONTROLLER, FAMILY] = [2, 3, 0x10, 0x1c];
const errno = (value: number): Buffer => {
  const payload = Buffer.alloc(4);
  payload.writeInt32LE(value);
  return payload;
};
const part = (text: string): Buffer => Buffer.concat([Buffer.from([0, 1, 0, 0]), Buffer.from(text)]);
const done: Event = { message: [DONE, errno(0)] };

/** A kernel that knows the family `test`, and answers each request for it by the next script. */
function open(...scripts: Script[]) {
  const asked: NetlinkMessage[] = [];
  let sockets = 0;
  const openSocket = (): DatagramSocket => {
    sockets++;
    const listeners = new Map<string, (value: never) => void>();
    const tell = (event: string, value: unknown): void => listeners.get(event)?.(value as never);
    return {
      on: (event: string, listener: (value: never) => void) => listeners.set(event, listener),
      ref: () => undefined,
      unref: () => undefined,
      close: () => listeners.clear(),
      send(datagram) {
        const [request] = decodeMessages(Buffer.from(datagram)) as [NetlinkMessage];
        const { sequence } = request;
        const events = request.type === CONTROLLER ? family(request) : (asked.push(request), scripts.shift()?.(request) ?? []);
        queueMicrotask(() => {
          for (const event of events)
            if ("truncated" in event) tell("truncatedMessage", Buffer.alloc(0));
            else if ("error" in event) tell("error", Object.assign(new Error("recvmsg"), { code: event.error }));
            else if ("raw" in event) tell("message", event.raw);
            else tell("message", encodeMessage({ type: event.message[0], payload: event.message[1], flags: event.message[2] ?? 0, sequence }));
        });
      },
    };
  };
  const family = ({ payload }: NetlinkMessage): Event[] =>
    payload.includes("test\0")
      ? [{ message: [CONTROLLER, Buffer.concat([Buffer.from([1, 2, 0, 0]), attribute(1, Buffer.from([FAMILY, 0]))])] }, { message: [ERROR, errno(0)] }]
      : [{ message: [ERROR, errno(-2)] }];
  return { netlink: new GenericNetlink(openSocket), asked, sockets: () => sockets };
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
    const { netlink, asked } = open(() => [{ message: [ERROR, errno(0)] }], () => [{ message: [ERROR, errno(0)] }]);
    await netlink.request(request(), "test");
    await netlink.request(request(), "test");
    assert.deepEqual(asked.map(({ type, flags, payload }) => [type, flags, payload.toString("latin1")]), [
      [FAMILY, 5, "\x05\x01\0\0body"],
      [FAMILY, 5, "\x05\x01\0\0body"],
    ]);
  });

  it("names the errno, and says ENOENT of a family that is not there", async () => {
    const { netlink } = open(() => [{ message: [ERROR, errno(-22)] }], () => [{ message: [ERROR, errno(-9999)] }]);
    await assert.rejects(netlink.request(request(), "test"), refused("EINVAL"));
    await assert.rejects(netlink.request(request(), "test"), refused("errno 9999"));
    await assert.rejects(netlink.request(request("absent"), "test"), refused("ENOENT"));
  });

  it("puts a dump together from all its messages, and no others", async () => {
    const stranger = encodeMessage({ type: FAMILY, flags: 2, sequence: 4_000_000, payload: part("stranger") });
    const { netlink } = open(() => [{ message: [FAMILY, part("a"), 2] }, { raw: stranger }, { message: [FAMILY, part("b"), 2] }, done]);
    assert.deepEqual(texts(await netlink.dump(request(), "test")), ["a", "b"]);
  });

  const spoiled: [string, Event][] = [
    ["was interrupted", { message: [FAMILY, part("old"), 0x12] }],
    ["lost a message", { error: "ENOBUFS" }],
    ["was truncated", { truncated: true }],
    ["ended with an errno of its own", { message: [DONE, errno(-4)] }],
  ];
  for (const [what, event] of spoiled)
    it(`reads a dump again that ${what}`, async () => {
      const { netlink, asked } = open(
        () => [{ message: [FAMILY, part("half"), 2] }, event, done],
        () => [{ message: [FAMILY, part("whole"), 2] }, done],
      );
      assert.deepEqual(texts(await netlink.dump(request(), "test")), ["whole"]);
      assert.equal(asked.length, 2);
    });

  it("gives up a dump that never stands still", async () => {
    const interrupted: Script = () => [{ message: [FAMILY, part("old"), 0x12] }, done];
    const { netlink, asked } = open(...Array.from({ length: 9 }, () => interrupted));
    await assert.rejects(netlink.dump(request(), "test"), refused("EINTR"));
    assert.equal(asked.length, 5);
  });

  it("does not believe in an acknowledgement that was lost, and goes on with a new socket", async () => {
    const { netlink, sockets } = open(() => [{ error: "ENOBUFS" }], () => [{ message: [ERROR, errno(0)] }]);
    await assert.rejects(netlink.request(request(), "test"), refused("ENOBUFS"));
    await netlink.request(request(), "test");
    assert.equal(sockets(), 2);
  });

  it("refuses what cannot be read", async () => {
    const { netlink } = open(() => [{ raw: Buffer.from("no netlink") }, done]);
    await assert.rejects(netlink.dump(request(), "test"), /the message at byte 0 of 10/);
  });
});
