import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { attribute, nest } from "../kernel/attributes.ts";
import { encodeMessage } from "../kernel/netlink-message.ts";
import { TransactionReader } from "./transaction.ts";
import type { Transaction } from "./transaction.ts";

const text = (value: string): Buffer => Buffer.from(`${value}\0`);
const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const notice = (message: number, family: number, ...attributes: Buffer[]): Buffer =>
  encodeMessage({ type: 0xa00 | message, flags: 0, sequence: 1, payload: Buffer.concat([Buffer.from([family, 0, 0, 0]), ...attributes]) });
const table = (family: number, name: string): Buffer => notice(0, family, attribute(1, text(name)));
const chain = (family: number, where: string, name: string, base: boolean): Buffer =>
  notice(3, family, attribute(1, text(where)), attribute(3, text(name)), ...(base ? [nest(4, [attribute(1, number(2))])] : []));
const rule = (message: number, family: number, where: string, name: string): Buffer => notice(message, family, attribute(1, text(where)), attribute(2, text(name)));
const generation = (id: number): Buffer => notice(15, 0, attribute(1, number(id)), attribute(2, number(42)), attribute(3, text("firewalld")));
const show = ({ generation: id, program, pid, tables, chains, baseChains }: Transaction) => ({ id, by: `${program} ${pid}`, tables: [...tables], chains: [...chains], baseChains });

describe("TransactionReader", () => {
  it("puts the notices of a transaction together, over datagrams", () => {
    const reader = new TransactionReader();
    assert.deepEqual(reader.read(Buffer.concat([table(1, "sdn_tunnel"), rule(6, 2, "filter", "FORWARD")])), []);
    assert.deepEqual(reader.read(Buffer.concat([rule(8, 10, "filter", "INPUT"), generation(9)])).map(show), [
      { id: 9, by: "firewalld 42", tables: ["inet sdn_tunnel", "ip filter", "ip6 filter"], chains: ["ip filter FORWARD", "ip6 filter INPUT"], baseChains: false },
    ]);
  });

  it("starts anew after each, and tells base chains from others", () => {
    const reader = new TransactionReader();
    const told = reader.read(Buffer.concat([chain(1, "firewalld", "filter_FORWARD", true), generation(1), chain(1, "firewalld", "zone", false), generation(2)]));
    assert.deepEqual(told.map(({ chains, baseChains }) => [[...chains], baseChains]), [
      [["inet firewalld filter_FORWARD"], true],
      [["inet firewalld zone"], false],
    ]);
  });

  it("takes elements of sets for a change of their table", () =>
    assert.deepEqual(new TransactionReader().read(Buffer.concat([notice(12, 2, attribute(1, text("kube-proxy")), attribute(2, text("ips"))), generation(3)])).map(show), [
      { id: 3, by: "firewalld 42", tables: ["ip kube-proxy"], chains: [], baseChains: false },
    ]));

  it("ignores other subsystems, and refuses what leads outside", () => {
    assert.deepEqual(new TransactionReader().read(encodeMessage({ type: 0x100, flags: 0, sequence: 1, payload: Buffer.alloc(8) })), []);
    assert.throws(() => new TransactionReader().read(generation(1).subarray(0, 20)), /Cannot read a netlink message/);
  });
});
