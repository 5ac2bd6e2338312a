import assert from "node:assert/strict";
import { attribute, attributesOf } from "@sdn-tunnel/common/kernel/attributes";
import type { DatagramSocket } from "@sdn-tunnel/common/kernel/exchange";
import { decodeMessages, encodeMessage } from "@sdn-tunnel/common/kernel/netlink-message";
import { describe, it } from "vitest";
import type { ServerKey } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";
import { NetlinkIpvsTable } from "./netlink-table.ts";
import type { IpvsOp } from "./table.ts";

const TYPE = 28;
const [ERROR, ACK] = [2, 0x4];
const [EPERM, ESRCH, EEXIST] = [-1, -3, -17];
const commands = ["", "new-service", "set-service", "del-service", "get-service", "new-dest", "set-dest", "del-dest", "get-dest"];

/** How a kernel answers one request: an errno, or nothing at all after this. */
type Answer = number | "lost" | "garbled";

/** A kernel with no IPVS state that answers by `judge`, and notes what it was asked: datagrams of commands. */
function kernel(judge: (command: string, nth: number) => Answer) {
  const asked: string[][] = [];
  let nth = 0;
  const openSocket = (): DatagramSocket => {
    const listeners = new Map<string, (value: never, sender: never) => void>();
    const tell = (event: string, value: unknown): void => listeners.get(event)?.(value as never, { port: 0 } as never);
    return {
      on: (event: string, listener: (value: never, sender: never) => void) => void listeners.set(event, listener),
      ref: () => {},
      unref: () => {},
      close: () => listeners.clear(),
      send(datagram, _, sent) {
        const messages = decodeMessages(Buffer.from(datagram));
        asked.push(messages.map(({ payload }) => commands[payload[0] ?? 0] ?? ""));
        sent();
        for (const { flags, sequence, payload } of messages) {
          const answer = judge(commands[payload[0] ?? 0] ?? "", nth++);
          if (answer === "lost") return tell("error", Object.assign(new Error("lost"), { code: "ENOBUFS" }));
          if (answer === "garbled") return tell("truncatedMessage", Buffer.alloc(0));
          if (answer === 0 && !(flags & ACK)) continue;
          const errno = Buffer.alloc(4);
          errno.writeInt32LE(answer);
          tell("message", encodeMessage({ type: ERROR, flags: 0, sequence, payload: errno }));
        }
      },
    };
  };
  const family = Buffer.concat([attribute(1, Buffer.from([TYPE, 0])), attribute(2, Buffer.from("IPVS\0"))]);
  const generic = { request: async () => {}, dump: async () => [family] };
  return { table: new NetlinkIpvsTable(generic, openSocket), asked };
}

const service = "tcp/172.31.0.7:80" as ServerKey;
const add = (i: number): IpvsOp => ({ kind: "add-destination", service, target: `10.20.${i >> 8}.${i & 255}:80` as TargetKey, weight: 1 });
const make: IpvsOp = { kind: "add-service", service, settings: { scheduler: "rr" } };

describe("NetlinkIpvsTable, on a socket that is no kernel's", () => {
  it("sends hundreds of operations in one datagram, and waits for one acknowledgement", async () => {
    const { table, asked } = kernel(() => 0);
    const ops = [make, ...Array.from({ length: 2499 }, (_, i) => add(i))];
    assert.deepEqual(await table.apply(ops), { done: ops, failed: [] });
    assert.deepEqual(asked.map(({ length }) => length), Array.from({ length: 10 }, () => 250));
  });

  it("repairs what was refused alone, by reading its object again", async () => {
    const { table, asked } = kernel((command, nth) => (nth === 0 ? EEXIST : command === "get-service" ? ESRCH : 0));
    assert.deepEqual((await table.apply([make, add(1)])).failed, []);
    assert.deepEqual(asked, [["new-service", "new-dest"], ["get-service"], ["new-service"]]);
  });

  it("returns what stays refused with its errno", async () => {
    const { table } = kernel((command) => (command === "get-service" || command === "new-dest" ? ESRCH : 0));
    const { done, failed } = await table.apply([add(1), make]);
    assert.deepEqual([done, failed], [[make], [{ op: add(1), errno: "ESRCH" }]]);
  });

  it("takes no other refusal for an absent service", async () => {
    const { table } = kernel(() => EPERM);
    await assert.rejects(table.read(service), /EPERM/);
  });

  for (const trouble of ["lost", "garbled"] as const)
    it(`looks at every object of a datagram when the answer was ${trouble}`, async () => {
      const { table, asked } = kernel((command, nth) => (nth === 1 ? trouble : command === "get-service" ? ESRCH : 0));
      const { failed } = await table.apply([make, make]);
      assert.deepEqual(failed, []);
      assert.deepEqual(asked.slice(1), [["get-service"], ["new-service"], ["get-service"], ["new-service"]]);
    });

  it("says what is asked for in the kernel's words", async () => {
    const seen: Buffer[] = [];
    const generic = { request: async () => {}, dump: async () => [Buffer.concat([attribute(1, Buffer.from([TYPE, 0])), attribute(2, Buffer.from("IPVS\0"))])] };
    const table = new NetlinkIpvsTable(generic, () => ({ on: () => {}, ref: () => {}, unref: () => {}, close: () => {}, send: (datagram, _, sent) => (seen.push(Buffer.from(datagram)), sent(Object.assign(new Error("no"), { code: "EPERM" }))) }));
    const { failed } = await table.apply([{ kind: "add-service", service: "udp/[fd00:31::7]:53" as ServerKey, settings: { scheduler: "mh", affinitySeconds: 60 } }]);
    assert.deepEqual(failed.map(({ errno }) => errno), ["EPERM"]);
    const [message] = decodeMessages(seen[0] ?? Buffer.alloc(0));
    const [object] = attributesOf(message?.payload.subarray(4) ?? Buffer.alloc(0));
    const found = Object.fromEntries(attributesOf(object?.payload ?? Buffer.alloc(0)).map(({ type, payload }) => [type, payload.toString("hex")]));
    assert.deepEqual([message?.type, message?.payload[0], object?.type], [TYPE, 1, 1]);
    // Family, protocol, address, port, scheduler, flags (persistent and fallback) with mask, timeout, prefix length.
    assert.deepEqual(found, { 1: "0a00", 2: "1100", 3: "fd000031000000000000000000000007", 4: "0035", 6: "6d6800", 7: "09000000ffffffff", 8: "3c000000", 9: "80000000" });
  });
});
